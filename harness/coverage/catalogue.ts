import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { load } from 'js-yaml';
import { z } from 'zod';
import { PROJECT_ROOT } from '../run/implementation.js';

const requirementSchema = z.strictObject({
  id: z.string(),
  rfc: z.number().optional(),
  level: z.enum(['MUST', 'SHOULD', 'MAY', 'REC']),
  neg: z.boolean().default(false),
  section: z.string(),
  feature: z.string(),
  observable: z.enum(['wire', 'wire+app', 'api-only', 'host-config', 'no']),
  how: z.string(),
  cost: z.enum(['long']).optional(),
  needs: z.string().optional(),
  notes: z.string().optional(),
  verified: z.string().optional(),
});

/** One rule of an RFC: what it asks, in our words, and how it is seen from the wire. */
export type Requirement = z.output<typeof requirementSchema> & { rfc: number };

/** Why a rule has no case. */
export interface OpenRule {
  id: string;
  reason: string;
}

const FOLDER = path.join(PROJECT_ROOT, 'expectations', 'requirements');

/** The whole catalogue, RFC 9293 first. Throws ZodError when a file of ours is not what it should be. */
export async function loadCatalogue(folder = FOLDER): Promise<Requirement[]> {
  const labelled = await readYaml(path.join(folder, 'rfc9293.yaml'));
  const related = await readYaml(path.join(folder, 'related.yaml'));
  const parse = (value: unknown) => z.array(requirementSchema).parse(value);
  return [
    ...parse(labelled).map((rule) => ({ ...rule, rfc: 9293 })),
    ...parse(related).map((rule) => ({ ...rule, rfc: rule.rfc ?? 9293 })),
  ];
}

/** Rules that have no case yet or can have none, each with its reason. */
export async function loadOpenRules(folder = FOLDER): Promise<OpenRule[]> {
  const value = await readYaml(path.join(folder, 'open.yaml'));
  const reasons = z.record(z.string(), z.string().min(1)).parse(value ?? {});
  return Object.entries(reasons).map(([id, reason]) => ({ id, reason }));
}

/**
 * The rules that a `covers` entry names: a rule by its id (MUST-2, RFC5961-3.2a), or every rule of a section (R5961-3.2,
 * R9293-3.5). Empty when there is none: the entry is wrong.
 */
export function rulesNamed(entry: string, catalogue: Requirement[]): Requirement[] {
  const exact = catalogue.filter((rule) => rule.id === entry);
  if (exact.length > 0) return exact;
  const section = /^R(?:FC)?(\d+)-([\d.]+)$/.exec(entry);
  if (!section) return [];
  const [, rfc, number] = section;
  return catalogue.filter(
    (rule) => rule.rfc === Number(rfc) && (rule.section === number || rule.section.startsWith(`${number}.`)),
  );
}

async function readYaml(file: string): Promise<unknown> {
  return load(await readFile(file, 'utf8'), { filename: file });
}
