import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import { z } from 'zod';
import type { TcpLiteRules } from './in-process-tcp-lite.js';
import { camelCase } from '../case/plain.js';

/** Where the project's own descriptors and programs are, from source and from dist alike. */
export const PROJECT_ROOT = findRoot(path.dirname(fileURLToPath(import.meta.url)));

const command = z.array(z.string()).min(1);
const stdio = z
  .boolean()
  .default(false)
  .describe("Its standard streams are its connection, as netcat's are; otherwise it is its own application");

export const implementationSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'lower-case letters, digits and hyphens')
    .describe('Name used with --iut, in `on:` of a case and in reports'),
  title: z.string().optional().describe('One line for people'),
  attach: z
    .enum(['kernel', 'raw', 'packet', 'tap'])
    .describe(
      'kernel: it uses the kernel; raw: it shares the kernel address, so the lab drops the kernel resets; packet: the kernel has no address; tap: the lab makes a TAP device and bridges it',
    ),
  run: z.enum(['in-process', 'process']).default('process'),
  'upper-tester': command
    .optional()
    .describe('Command that speaks the upper-tester protocol on stdin and stdout'),
  server: z
    .strictObject({
      command,
      ready: z
        .string()
        .optional()
        .describe('Text it prints once it listens; without it it is given a moment'),
      service: z
        .enum(['echo', 'discard'])
        .default('echo')
        .describe('What it does with what it receives; with discard the cases that send it data can run too'),
      stdio,
    })
    .optional()
    .describe('Plain command that serves connections on {port}'),
  client: z
    .strictObject({ command, stdio })
    .optional()
    .describe('Plain command that connects to {peer} {port}'),
  environment: z.record(z.string(), z.string()).default({}),
  options: z
    .record(z.string(), z.unknown())
    .default({})
    .transform((options) =>
      Object.fromEntries(Object.entries(options).map(([name, value]) => [camelCase(name), value])),
    )
    .describe('Options of the upper-tester protocol for each of its sockets, unless the case says otherwise'),
  ics: z
    .array(z.string())
    .default([])
    .describe('Features it claims; a case that needs another is unsupported'),
  deviations: z
    .array(
      z.strictObject({
        case: z
          .union([z.string(), z.array(z.string()).min(1)])
          .describe('Case ids, with [row] or @ipv6 where only that one deviates; * matches any text'),
        varies: z.boolean().default(false).describe('Some of its versions do not deviate: a pass is as good'),
        verdict: z.enum(['fail', 'non-strict', 'inconclusive']).optional(),
        reason: z.string().min(1),
        reference: z.string().optional().describe('Place in an RFC or in its documentation'),
      }),
    )
    .default([])
    .transform((entries) =>
      entries.flatMap((entry) => [entry.case].flat().map((one) => ({ ...entry, case: one }))),
    ),
});

export type Implementation = z.output<typeof implementationSchema> & {
  file: string;
  title: string;
  /** Of an in-process TCP Lite that is broken on purpose: its decisions, made anew for each session. */
  rules?: () => TcpLiteRules;
};
export type Deviation = Implementation['deviations'][number];

/** A descriptor that cannot be used; `remedy` says what to do. Exit status 2. */
export class ImplementationError extends Error {
  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

/** Loads a descriptor by name (of the project's own) or by path. Throws ImplementationError. */
export async function loadImplementation(nameOrFile: string): Promise<Implementation> {
  const file = /[./]/.test(nameOrFile)
    ? path.resolve(nameOrFile)
    : path.join(PROJECT_ROOT, 'implementations', `${nameOrFile}.yaml`);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(error);
    throw new ImplementationError(
      `cannot read the implementation ${nameOrFile}: ${reason}`,
      'name one of `tcpspec list --iuts` or give the path of a descriptor',
    );
  }
  return parseImplementation(text, file);
}

/** Throws ImplementationError naming the file and every key that is wrong. */
export function parseImplementation(text: string, file: string): Implementation {
  let value: unknown;
  try {
    value = load(text, { filename: file });
  } catch (error) {
    throw new ImplementationError(
      `${file} is not YAML: ${(error as Error).message}`,
      'see docs/bring-your-own-stack.md',
    );
  }
  const parsed = implementationSchema.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `  ${issue.path.join('.') || 'descriptor'}: ${issue.message}`,
    );
    throw new ImplementationError(
      `${file} is not an implementation:\n${problems.join('\n')}`,
      'see docs/bring-your-own-stack.md',
    );
  }
  const { data } = parsed;
  if (data.run === 'process' && !data['upper-tester'] && !data.server && !data.client) {
    throw new ImplementationError(
      `${file} says neither upper-tester nor server nor client`,
      'give at least a server command that echoes',
    );
  }
  return { ...data, title: data.title ?? data.name, file };
}

/**
 * Fills `{ip}`, `{peer}`, `{port}`, `{interface}`, ... in a command. Each element stays one argument: nothing is split and
 * nothing reaches a shell. Throws ImplementationError for a name that does not exist.
 */
export function fillCommand(parts: string[], values: Record<string, string>): string[] {
  return parts.map((part) =>
    part.replaceAll(/\{([a-z0-9-]+)\}/g, (whole, name: string) => {
      const value = values[name];
      if (value === undefined) {
        throw new ImplementationError(
          `${whole} in a command is not known`,
          `use one of ${Object.keys(values)
            .map((key) => `{${key}}`)
            .join(', ')}`,
        );
      }
      return value;
    }),
  );
}

/** The deviation that covers a result id (`case-id[row]@ipv6`), if any. */
export function deviationFor(implementation: Implementation, resultId: string): Deviation | undefined {
  return implementation.deviations.find((deviation) => matchesId(deviation.case, resultId));
}

function matchesId(pattern: string, id: string): boolean {
  // Results over IPv4 carry no suffix, so a pattern has to say that it means only those.
  if (pattern.endsWith('@ipv4')) return !id.endsWith('@ipv6') && matchesId(pattern.slice(0, -5), id);
  const bare = (text: string) => text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  const expression = new RegExp(`^${bare(pattern)}(\\[[^\\]]*\\])?(@ipv6)?$`);
  return pattern === id || expression.test(id);
}

function findRoot(from: string): string {
  for (let folder = from; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'package.json'))) return folder;
    if (folder === path.dirname(folder)) return from;
  }
}
