import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { inflateSync } from 'node:zlib';
import type { CaseResult } from '../../harness/run/results.js';
import { collect } from '../../reports/html/collect.js';
import type { CaseDetail } from '../../reports/html/data.js';
import { safeJson } from '../../reports/html/embed.js';
import { packPackets, unpackPackets } from '../../reports/html/packed-packets.js';
import { htmlReport } from '../../reports/html/page.js';
import { bulkTransfer, echoSession, kernelReset } from '../support/sample-packets.js';
import { HOSTILE, hostileResult } from '../support/hostile-results.js';
import { kernelResetResult, largeRun, runOf, sampleResult, sampleRun } from '../support/sample-results.js';

// From source the first page of a process compiles its script, seconds inside jest on a busy machine.
jest.setTimeout(60_000);

/** Every shape of tag in the markup of a page, `a class href`; text is escaped, so each `<` in it opens one. */
function shapes(page: string): Set<string> {
  const markup = page.replace(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, '<$1>');
  const found = markup.matchAll(/<([^\s>]*)((?:[^">]|"[^"]*")*)>/g);
  return new Set([...found].map(([, name, rest]) => [name, ...attributeNames(rest!)].join(' ')));
}

function attributeNames(rest: string): string[] {
  return [...rest.replace(/"[^"]*"/g, '""').matchAll(/[^\s=/]+(?:="")?/g)]
    .map(([name]) => name.replace('=""', ''))
    .sort();
}

describe('the page', () => {
  test('asks nobody for anything: no address but links that a reader may follow', async () => {
    const page = await htmlReport(sampleRun());
    const markup = page.replace(/<script>[\s\S]*?<\/script>/g, '');
    expect(markup).not.toMatch(/\b(?:src|srcset|href)="(?!#|data:,)/);
    expect(markup).not.toMatch(/@import|url\(/);
    expect(page).toContain(`default-src &#39;none&#39;`);
  });

  test('carries no path of the machine that made it', async () => {
    expect(await htmlReport(sampleRun())).not.toContain(process.cwd());
  });

  test('is the same for the same results', async () => {
    expect(await htmlReport(sampleRun())).toBe(await htmlReport(sampleRun()));
  });

  test('500 cases on 4 implementations stay under 10 MB', async () => {
    const run = largeRun(500, 4);
    const capture = new Uint8Array(60_000).map((_, at) => (at * 2654435761) >>> 13);
    const page = await htmlReport(run, { captureOf: () => capture });
    expect(Buffer.byteLength(page)).toBeLessThan(10_000_000);
  });

  test('details too long for the file lose packets of passing cases first, and say so', () => {
    const run = runOf([kernelResetResult(), sampleResult({ packets: bulkTransfer(2000) })], ['tcp-lite']);
    const whole = detailsOf(collect(run).blocks);
    expect(whole.map(({ packetsLeftOut }) => packetsLeftOut)).toEqual([0, 0]);
    const short = detailsOf(collect(run, { detailBudget: 20_000 }).blocks);
    expect(short[0]).toEqual(whole[0]);
    expect(short[1]!.packets.rows).toHaveLength(20);
    expect(short[1]!.packetsLeftOut).toBe(whole[1]!.packets.rows.length - 20);
    const shortest = detailsOf(collect(run, { detailBudget: 1 }).blocks);
    expect(shortest.map(({ packets, packetsLeftOut }) => [packets.rows.length, packetsLeftOut])).toEqual(
      whole.map(({ packets }) => [0, packets.rows.length]),
    );
  });

  test('thousands of short results are deflated before any packet is left out', () => {
    const run = runOf(
      Array.from({ length: 40 }, () => sampleResult()),
      ['tcp-lite'],
    );
    const blocks = collect(run).blocks.filter((block) => block.includes('id="detail-'));
    const size = blocks.reduce((sum, block) => sum + block.length, 0);
    const packed = collect(run, { detailBudget: size - 1 }).blocks;
    expect(detailsOf(packed)).toEqual(detailsOf(blocks));
    expect(packed.filter((block) => block.includes('data-deflate')).length).toBeGreaterThanOrEqual(40);
  });
});

describe('nothing from a payload, a case or a stack becomes markup', () => {
  test.each(HOSTILE)('%j', async (text) => {
    const harmless = await htmlReport(
      runOf(
        [
          hostileResult(
            '[ACK] harmless text to wrap in more than one line, long enough for every arrow of the ladder, and then some more of it',
          ),
        ],
        ['harmless'],
      ),
    );
    const page = await htmlReport(runOf([hostileResult(text)], [text]));
    const known = shapes(harmless);
    expect([...shapes(page)].filter((shape) => !known.has(shape))).toEqual([]);
    expect(page.match(/<script/g)).toHaveLength(harmless.match(/<script/g)!.length);
    expect(page.match(/<\/script/g)).toHaveLength(harmless.match(/<\/script/g)!.length);
    expect(page).not.toContain('<!--');
  });

  test('embedded JSON is the same value and holds nothing that a parser acts on', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, text) => {
        const safe = safeJson(JSON.stringify([value, text]));
        expect(safe).not.toMatch(/[<>&\u2028\u2029\u202e]/);
        expect(JSON.parse(safe)).toEqual(JSON.parse(JSON.stringify([value, text])));
      }),
    );
  });
});

test.each([
  [echoSession()],
  [kernelReset()],
  [bulkTransfer(50)],
  [[]],
  [echoSession().slice(0, 1)],
  [echoSession().slice(1, 2)],
])('packed packets come back as they were', (packets: CaseResult['packets']) => {
  expect(unpackPackets(JSON.parse(JSON.stringify(packPackets(packets))) as never)).toEqual(packets);
});

function detailsOf(blocks: string[]): CaseDetail[] {
  return blocks
    .map((block) => /^<script ([^>]*)id="detail-\d+">(.*)<\/script>$/s.exec(block))
    .flatMap((match) => (match ? [match] : []))
    .map(([, attributes, text]) => (attributes!.includes('deflate') ? inflated(text!) : text!))
    .map((text) => JSON.parse(text) as CaseDetail);
}

function inflated(text: string): string {
  return inflateSync(Buffer.from(text, 'base64')).toString();
}
