import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { loadCases } from '../case/load.js';
import type { Family, Role, ScriptedCase, StartOptions, Step } from '../case/model.js';

/** A state that no recipe leads to; `remedy` says what there is. */
export class NoRecipe extends Error {
  readonly remedy = 'see expectations/recipes for the states that can be reached';
}

/** Largest segment that the tester offers unless the case says otherwise, octets: what a 1500-octet link carries. */
const MSS = { ipv4: 1460, ipv6: 1440 } as const;
const WINDOW = 65_535;
const LARGEST_FIELD = 65_535;

/** Steps that bring the IUT to the start state of a case, from `expectations/recipes`; read once. */
export class Recipes {
  private readonly texts = new Map<Role, Promise<string>>();
  private readonly steps = new Map<string, Step[]>();

  constructor(private readonly folder: string) {}

  /** Throws NoRecipe. */
  async stepsTo(testCase: ScriptedCase, family: Family): Promise<Step[]> {
    const { state, options } = testCase.start;
    const key = JSON.stringify([testCase.iut, state, family, options]);
    let steps = this.steps.get(key);
    if (!steps) {
      const way = wayTo(testCase.iut, state, options);
      steps = await this.load(testCase.iut, way, synWords(options, family));
      this.steps.set(key, steps);
    }
    return steps;
  }

  private async load(role: Role, way: string, syn: string): Promise<Step[]> {
    const file = path.join(this.folder, `${role}.yaml`);
    let text = this.texts.get(role);
    if (!text) {
      text = readFile(file, 'utf8');
      this.texts.set(role, text);
    }
    const { cases, errors } = loadCases(file, (await text).replaceAll('{{syn}}', syn));
    if (errors[0]) throw errors[0];
    const recipe = cases.find((one) => one.id === way);
    if (recipe?.kind !== 'scripted') throw new NoRecipe(`there is no recipe ${way}`);
    return recipe.steps;
  }
}

/** The id of a recipe: `server-established`, and by another way than the usual one `client-established-simultaneous`. */
function wayTo(role: Role, state: string, { via }: StartOptions): string {
  const usual = role === 'server' ? 'passive' : 'active';
  return [role, state.toLowerCase(), ...(typeof via === 'string' && via !== usual ? [via] : [])].join('-');
}

/** Window and options of the tester's SYN in the line grammar. Timestamps are filled in as the segment is sent. */
function synWords(options: StartOptions, family: Family): string {
  const window = Math.min(options.window ?? WINDOW, LARGEST_FIELD);
  const mss = options.mss ?? MSS[family];
  const words = [`Win=${window}`];
  if (mss > 0) words.push(`MSS=${mss}`);
  if (options.sack) words.push('SACK_PERM');
  if (options.windowScale !== undefined) words.push(`WS=${2 ** options.windowScale}`);
  return words.join(' ');
}
