import type { Argument, Command, Option } from 'commander';
import { VALUES, type Candidate } from './values.js';

export type { Candidate } from './values.js';

/** Asks the shell for names of files, or of folders, beside what else is named. */
export const FILES: Candidate = { value: ':files' };
export const FOLDERS: Candidate = { value: ':dirs' };

/**
 * What may stand at the last of the words that were typed after the program's name; the last is what was typed of it so
 * far. A value of `:files` or `:dirs` asks the shell for such names.
 */
export async function completions(program: Command, words: readonly string[]): Promise<Candidate[]> {
  const before = words.slice(0, -1);
  // A shell may hand over the quote that somebody began the word with.
  const typed = (words.at(-1) ?? '').replace(/^["']/, '');
  const name = before[0];
  if (name === undefined) return fitting(typed, [...commandsOf(program), ...optionsOf(program, [])]);
  if (name === 'help') return fitting(typed, commandsOf(program));
  const command = program.commands.find((one) => one.name() === name || one.aliases().includes(name));
  if (command === undefined) return [];
  return completionsOf(command, before.slice(1), typed);
}

async function completionsOf(
  command: Command,
  before: readonly string[],
  typed: string,
): Promise<Candidate[]> {
  const { operands, pending, ended } = read(command, before);
  if (pending !== undefined) return fitting(typed, await valuesOf(pending, operands, typed));
  const assigned = ended ? null : /^(--[^=]+)=(.*)$/s.exec(typed);
  if (assigned) {
    const option = command.options.find(({ long }) => long === assigned[1]);
    if (option === undefined) return [];
    const values = await valuesOf(option, operands, assigned[2]!);
    return fitting(assigned[2]!, values).map((one) =>
      one.value.startsWith(':') ? one : { ...one, value: `${assigned[1]}=${one.value}` },
    );
  }
  if (typed.startsWith('-') && !ended) return fitting(typed, optionsOf(command, before));
  return fitting(typed, argumentAt(command, operands.length));
}

interface Read {
  operands: string[];
  /** The option whose value comes next. */
  pending?: Option;
  /** `--` has ended the options. */
  ended: boolean;
}

function read(command: Command, before: readonly string[]): Read {
  const result: Read = { operands: [], ended: false };
  for (const word of before) {
    if (result.pending !== undefined) delete result.pending;
    else if (result.ended || !word.startsWith('-') || word === '-') result.operands.push(word);
    else if (word === '--') result.ended = true;
    else {
      const option = command.options.find(({ long, short }) => word === long || word === short);
      if (option !== undefined && takesValue(option)) result.pending = option;
    }
  }
  return result;
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

async function valuesOf(option: Option, operands: readonly string[], typed: string): Promise<Candidate[]> {
  if (option.argChoices) return option.argChoices.map((value) => ({ value }));
  return (await VALUES[option.attributeName()]?.(operands, typed)) ?? [];
}

function argumentAt(command: Command, index: number): Candidate[] {
  const all = command.registeredArguments;
  const argument: Argument | undefined = all[index] ?? (all.at(-1)?.variadic ? all.at(-1) : undefined);
  if (argument === undefined) return [];
  if (argument.argChoices) return argument.argChoices.map((value) => ({ value }));
  return [argument.name() === 'dir' ? FOLDERS : FILES];
}

function commandsOf(program: Command): Candidate[] {
  const own = program.createHelp().visibleCommands(program);
  return own.map((command) => ({ value: command.name(), about: firstClause(command.description()) }));
}

/** Options not given yet, and those that may be given again. */
function optionsOf(command: Command, before: readonly string[]): Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long, short, description }) => {
      const isGiven = before.some((word) => word === short || word === long || word.startsWith(`${long}=`));
      return !isGiven || description.includes('repeatable');
    })
    .flatMap(({ long, description }) => (long ? [{ value: long, about: description }] : []));
}

function firstClause(text: string): string {
  return text.split(/[;:]/)[0]!;
}

function fitting(typed: string, candidates: Candidate[]): Candidate[] {
  return candidates.filter(({ value }) => value === ':files' || value === ':dirs' || value.startsWith(typed));
}
