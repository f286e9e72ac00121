import { printLine } from '../case/print-line.js';
import type { Place, Role, TestCase } from '../case/model.js';
import { alignedLines } from './align.js';
import type { Seen } from './expectation.js';
import { matchPacket } from './match-packet.js';
import { namesIn } from './match-value.js';

import type { Problem } from './problem.js';
import type { Difference, Failure, PacketMark } from './verdict.js';

/** Where the evidence is and how to come by it again; lines of what is not given are left out. */
export interface FailureSources {
  /** Path of the kept capture. */
  capture?: string;
  /** Command that runs just this case again. */
  rerun?: string;
}

export interface FailureSurroundings extends FailureSources {
  testCase: Pick<TestCase, 'purpose' | 'title' | 'covers'>;
  /** How many steps or expectations the case has. */
  steps: number;
  /** Where a step with a negative number stands: on the way to a start state. */
  way?: string;
  /** All packets of the conversation. */
  packets: readonly Seen[];
  marks: readonly PacketMark[];
}

/** Puts a problem into words: the Failure that results and reports carry. */
export function failureOf(problem: Problem, around: FailureSurroundings): Failure {
  const { step, place, kind, expected, culprit, from, differences } = problem;
  const { purpose, title } = around.testCase;
  return {
    step: Math.max(step, 0),
    place,
    requirement: purpose === '' ? title : purpose,
    expected,
    actual: problem.actual ?? (culprit === undefined ? 'nothing' : printLine(culprit.packet)),
    kind,
    differences,
    text: failureText(problem, around),
    ...(culprit === undefined ? {} : { frame: culprit.packet.frame }),
    ...(from === undefined ? {} : { from }),
  };
}

/** `file.yaml:14:5`. */
export function placeText({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

const WIDTH = 100;

function failureText(problem: Problem, around: FailureSurroundings): string {
  const { testCase } = around;
  const covers = testCase.covers.length > 0 ? ` (${testCase.covers.join(', ')})` : '';
  const requirement = testCase.purpose === '' ? testCase.title : testCase.purpose;
  const paragraphs = [
    [
      ...firstLines(placeText(problem.place), `${whereText(problem, around)}: ${problem.headline}`),
      ...wrapped(requirement + covers),
    ],
    [...comparison(problem), ...namesUsed(problem)].map(indented),
    problem.differences.flatMap(differenceLines).map(indented),
    problem.notes.flatMap((note) => wrapped(note)),
    packetList(problem, around),
    ranking(problem, around),
    sources(problem, around),
  ];
  const text = paragraphs.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${text.join('\n\n').replaceAll(UNPRINTABLE, escaped)}\n`;
}

function firstLines(place: string, told: string): string[] {
  const line = `${place}: ${told}`;
  return line.length <= WIDTH ? [line] : [`${place}:`, ...wrapped(told)];
}

function whereText({ step }: Problem, { steps, way }: FailureSurroundings): string {
  return step < 0 ? `on ${way ?? 'the way'}` : `step ${step} of ${steps}`;
}

function comparison({ pattern, culprit, differences, expected, actual, kind }: Problem): string[] {
  if (pattern !== undefined && culprit !== undefined && kind !== 'missing') {
    const { packet, role } = culprit;
    return alignedLines(pattern, { packet, role, label: `packet ${packet.frame}` }, differences, WIDTH - 2);
  }
  const from = pattern === undefined ? '' : `${pattern.from}  `;
  const seen =
    actual ?? (culprit === undefined ? 'nothing' : `${culprit.role}  ${printLine(culprit.packet)}`);
  return [`expected  ${from}${expected}`, `actual    ${seen}`];
}

function differenceLines({ field, expected, actual }: Difference): string[] {
  const line = `${field}: expected ${expected}, actual ${actual}`;
  if (line.length <= WIDTH - 2) return [line];
  const gap = ' '.repeat(field.length + 2);
  return [`${field}: expected ${expected}`, `${gap}actual   ${actual}`];
}

/** `where SND.NXT is 1, $x is 14`: what the names in the pattern stand for. */
function namesUsed({ pattern, scope }: Problem): string[] {
  const names = (pattern?.fields ?? []).flatMap(({ value }) =>
    value.kind === 'present' || value.kind === 'absent' || value.kind === 'text' ? [] : namesIn(value),
  );
  const known = [...new Set(names)].flatMap((name) => {
    const value = name.startsWith('$') ? scope?.variables?.[name.slice(1)] : scope?.rfc?.[name];
    return value === undefined ? [] : [`${name} is ${value}`];
  });
  return known.length === 0 ? [] : [`where ${known.join(', ')}`];
}

const SHOWN_BEFORE = 5;
const SHOWN_AFTER = 5;

/** The packets around the problem as a ladder, each with the step that took it. */
function packetList({ culprit }: Problem, { packets, marks }: FailureSurroundings): string[] {
  const shown = windowAround(packets, culprit);
  if (shown.length === 0) return ['No packet of this conversation was captured.'];
  const steps = new Map(
    marks.flatMap(({ frame, step, mark }) =>
      mark === 'expected' ? [[frame, step === undefined ? 'start' : `step ${step}`] as const] : [],
    ),
  );
  const start = packets[0]?.time ?? 0;
  const rows = shown.map((seen) => ({
    seen,
    frame: String(seen.packet.frame),
    ms: (seen.time - start).toFixed(3),
    line: printLine(seen.packet),
  }));
  const frameWidth = Math.max('packet'.length, ...rows.map(({ frame }) => frame.length));
  const msWidth = Math.max('ms'.length, ...rows.map(({ ms }) => ms.length));
  const head = `  ${'packet'.padStart(frameWidth)}  ${'ms'.padStart(msWidth)}  client    server`;
  const lineWidth = Math.max(...rows.map(({ line }) => line.length));
  const list = rows.map(({ seen, frame, ms, line }) => {
    const step = seen === culprit ? undefined : steps.get(seen.packet.frame);
    const left = `${seen === culprit ? '>' : ' '} ${frame.padStart(frameWidth)}  ${ms.padStart(msWidth)}  ${arrow(seen.role)}  `;
    const note = step === undefined ? '' : `  ${step}`;
    const room = WIDTH - left.length - '  step 9999'.length;
    const shown =
      line.length <= room ? line.padEnd(Math.min(lineWidth, room)) : `${line.slice(0, room - 1)}…`;
    return `${left}${shown}${note}`.trimEnd();
  });
  return [head, ...list];
}

function arrow(role: Role): string {
  return role === 'client' ? '---------------->' : '<----------------';
}

function windowAround(packets: readonly Seen[], culprit: Seen | undefined): readonly Seen[] {
  const at = culprit === undefined ? packets.length : packets.indexOf(culprit);
  return packets.slice(Math.max(0, at - SHOWN_BEFORE), at + SHOWN_AFTER + 1);
}

/** Packets that no step took, the closest to what was expected first. */
function ranking({ pattern, scope, culprit }: Problem, { packets, marks }: FailureSurroundings): string[] {
  if (pattern === undefined) return [];
  const taken = new Set(marks.filter(({ mark }) => mark === 'expected').map(({ frame }) => frame));
  const ranked = windowAround(packets, culprit)
    .filter((seen) => seen.role === pattern.from && !taken.has(seen.packet.frame))
    .map((seen) => ({ frame: seen.packet.frame, differing: matchPacket(pattern, seen.packet, scope ?? {}) }))
    .sort((a, b) => a.differing.length - b.differing.length)
    .slice(0, 5);
  if (ranked.length === 0) return [];
  const named = ranked.map(({ frame, differing }) => {
    const fields = [...new Set(differing.map(({ field }) => field))].join(', ');
    return `packet ${frame} (${fields === '' ? 'fits' : `not ${fields}`})`;
  });
  return wrapped(`Closest to what is expected: ${named.join(', ')}`);
}

function sources({ culprit }: Problem, { capture, rerun, packets }: FailureSurroundings): string[] {
  const stream = (culprit ?? packets[0])?.packet.tcp.stream;
  const filter =
    stream === undefined
      ? undefined
      : `tcp.stream eq ${stream}${culprit === undefined ? '' : ` && frame.number == ${culprit.packet.frame}`}`;
  return [
    ...(capture === undefined ? [] : [`Capture: ${capture}`]),
    ...(filter === undefined ? [] : [`Filter:  ${filter}`]),
    ...(rerun === undefined ? [] : [`Again:   ${rerun}`]),
  ];
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function indented(line: string): string {
  return `  ${line}`;
}

/** Control characters and those that turn the direction of text: a case or a capture may hold any. */
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
