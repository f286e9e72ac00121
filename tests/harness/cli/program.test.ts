import { describe, expect, test } from '@jest/globals';
import { VALUES } from '../../../harness/cli/completion/values.js';
import { buildProgram } from '../../../harness/cli/program.js';

const program = buildProgram(() => undefined, []);
const commands = program.commands.filter((command) => command.name() !== 'complete');

/** Options whose value is a number or a form of one: no list of what may stand there. */
const NUMBERS = ['jobs', 'tolerance', 'shard', 'stream', 'random', 'seed'];

function helpOf(name: string): string {
  let text = '';
  const command = program.commands.find((one) => one.name() === name)!;
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

describe.each(commands.map((command) => [command.name(), command] as const))(
  'tcpspec %s',
  (name, command) => {
    test('says what it is for, and gives examples that call it', () => {
      expect(command.description()).not.toBe('');
      const [, examples = ''] = helpOf(name).split(/\nExamples?:\n/);
      expect(examples).toMatch(new RegExp(`^ .*tcpspec ${name}\\b`));
    });

    test('every option and argument says what it is', () => {
      for (const option of command.options) expect([option.flags, option.description]).not.toContain('');
      for (const argument of command.registeredArguments)
        expect([argument.name(), argument.description]).not.toContain('');
    });

    test('every value of an option can be completed, or is a number', () => {
      const wordy = command.options.filter(({ required, optional }) => required || optional);
      for (const option of wordy) {
        const key = option.attributeName();
        const isKnown = option.argChoices !== undefined || key in VALUES || NUMBERS.includes(key);
        expect([option.flags, isKnown]).toEqual([option.flags, true]);
      }
    });
  },
);

test('no example names an option that does not exist', () => {
  for (const command of commands) {
    const [, examples = ''] = helpOf(command.name()).split(/\nExamples?:\n/);
    const calls = examples.split('\n').filter((line) => /^ +(?:sudo )?tcpspec /.test(line));
    for (const call of calls) {
      const typed = call.trim().split(/ {2,}| -- /)[0]!;
      for (const [flag] of typed.matchAll(/(?<= )--?[a-z][\w-]*/g)) {
        const isKnown = command.options.some(({ long, short }) => flag === long || flag === short);
        expect([typed, flag, isKnown]).toEqual([typed, flag, true]);
      }
    }
  }
});
