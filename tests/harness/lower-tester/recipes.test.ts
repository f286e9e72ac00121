import { describe, expect, test } from '@jest/globals';
import { STATES } from '../../../harness/case/keys.js';
import type { Role, ScriptedCase } from '../../../harness/case/model.js';
import { NoRecipe, Recipes } from '../../../harness/lower-tester/recipes.js';
import { scripted } from '../match/build.js';

const recipes = new Recipes('expectations/recipes');

function startingAt(iut: Role, start: string): ScriptedCase {
  return scripted(`id: a\ntitle: A\niut: ${iut}\nstart: ${start}\nsteps: [ { quiet: 1s } ]\n`);
}

async function lines(iut: Role, start: string): Promise<string[]> {
  const steps = await recipes.stepsTo(startingAt(iut, start), 'ipv4');
  return steps.map((step) => {
    if (step.kind === 'send') return `send ${step.send.pattern.text}`;
    if (step.kind === 'iut') return step.action.op;
    return step.kind === 'expect' && step.item.kind === 'packet' ? step.item.pattern.text : step.kind;
  });
}

describe('every state of RFC 9293 can be reached', () => {
  test.each(STATES.filter((state) => state !== 'SYN-SENT'))('%s as server', async (state) => {
    expect(await lines('server', state)).not.toEqual([]);
  });

  test.each(STATES.filter((state) => state !== 'LISTEN'))('%s as client', async (state) => {
    expect(await lines('client', state)).not.toEqual([]);
  });

  test.each([
    ['server', 'TIME-WAIT', 'simultaneous'],
    ['client', 'TIME-WAIT', 'simultaneous'],
    ['client', 'ESTABLISHED', 'simultaneous'],
    ['server', 'ESTABLISHED', 'data'],
    ['server', 'FIN-WAIT-1', 'data'],
    ['server', 'FIN-WAIT-2', 'data'],
    ['server', 'CLOSE-WAIT', 'data'],
    ['server', 'CLOSING', 'data'],
    ['server', 'LAST-ACK', 'data'],
  ] as const)('a %s in %s by way of %s', async (role, state, via) => {
    const usual = await lines(role, state);
    const other = await lines(role, `{ state: ${state}, via: ${via} }`);
    expect(other).not.toEqual(usual);
    expect(other[0]).toBe(usual[0]);
  });
});

test("the tester's SYN carries what the case asks for", async () => {
  const start = '{ state: ESTABLISHED, window: 100000, mss: 700, window-scale: 7, sack: true }';
  expect((await lines('server', start))[1]).toBe('send [SYN] Seq=0 Win=65535 MSS=700 SACK_PERM WS=128');
  expect((await lines('server', 'ESTABLISHED'))[1]).toBe('send [SYN] Seq=0 Win=65535 MSS=1460');
});

test('the usual way may be named, one that does not exist may not', async () => {
  expect(await lines('server', '{ state: ESTABLISHED, via: passive }')).toEqual(
    await lines('server', 'ESTABLISHED'),
  );
  await expect(lines('server', '{ state: ESTABLISHED, via: active }')).rejects.toThrow(
    new NoRecipe('there is no recipe server-established-active'),
  );
  await expect(lines('client', 'LISTEN')).rejects.toThrow(NoRecipe);
});
