import { expect, test } from '@jest/globals';
import { killTableLines } from '../../../harness/mutants/kill-table.js';
import type { Kill, MutantResult } from '../../../harness/mutants/run-mutants.js';
import { coloursFor } from '../../../reports/colours.js';
import { loadCatalogue } from '../../../harness/coverage/catalogue.js';

const catalogue = await loadCatalogue();

const kill: Kill = {
  ...{ case: 'mss-obeyed[small]', file: 'mss.yaml', line: 7, verdict: 'fail' },
  ...{
    step: 2,
    expected: '[ACK] Seq=1 Len=100',
    actual: '[ACK] Seq=1 Ack=1\n  Len=101',
    capture: 'x.pcapng',
  },
};

function mutant(id: string, status: MutantResult['status'], more: Partial<MutantResult> = {}): MutantResult {
  return { id, breaks: `${id} is wrong`, rules: ['MUST-14'], status, kills: [], tried: [], ...more };
}

test('who was noticed first, survivors last and loud', () => {
  const lines = killTableLines(
    {
      results: [
        mutant('survivor', 'survived', {
          tried: [
            { case: 'a', verdict: 'pass' },
            { case: 'b[1]', verdict: 'inconclusive' },
          ],
        }),
        mutant('mss-one-too-many', 'killed', { kills: [kill, { ...kill, case: 'mss-with-options' }] }),
        mutant('no-open', 'inconclusive', {
          kills: [{ ...kill, case: 'opens', verdict: 'inconclusive', reason: 'step 1: no connection' }],
        }),
        mutant('patient', 'no-case'),
        mutant('wrecked', 'error', { tried: [{ case: 'c', verdict: 'error', reason: 'no room' }] }),
      ],
      unbroken: catalogue.filter(({ id }) => id === 'MUST-1'),
      idle: ['does-nothing'],
    },
    70,
    coloursFor(false),
  );
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "mss-one-too-many  fail          mss-obeyed[small] and 1 more  MUST-14
                      step 2: [ACK] Seq=1 Len=100; came: [ACK] Seq=1 Ack=…
    no-open           inconclusive  opens  MUST-14
                      step 1: no connection

    not played: no case covers their rules:
      patient: patient is wrong (MUST-14)

    not judged: the harness failed:
      wrecked
        c: no room

    covered, but no mutant breaks it:
      MUST-1           MUST   Peer window field read as an unsigned quantity

    cases that noticed nothing:
      does-nothing

    SURVIVED: 1 mutant that no case noticed
      survivor: survivor is wrong
        breaks MUST-14; played: a (pass), b[1] (inconclusive)

    5 mutants: 1 killed, 1 stopped short of a verdict, 1 without a case, 1 not judged, 1 survived, 1 rule that nothing breaks, 1 case that noticed nothing"
  `);
});

test('nothing but the totals where nothing is wrong', () => {
  const lines = killTableLines(
    { results: [mutant('one', 'killed', { kills: [kill] })], unbroken: [] },
    120,
    coloursFor(false),
  );
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "one  fail          mss-obeyed[small]  MUST-14
         step 2: [ACK] Seq=1 Len=100; came: [ACK] Seq=1 Ack=1 Len=101

    1 mutant: 1 killed, 0 survived"
  `);
});
