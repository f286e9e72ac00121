import { quoted } from './cursor.js';
import { didYouMean } from './did-you-mean.js';
import { familyOf } from './fields.js';
import { ITEM_KEYS } from './keys.js';
import type { Family, Place } from './model.js';
import type { Problems, Wrong } from './problems.js';
import { Read } from './read.js';
import type { SourceText } from './source-text.js';
import type { ScalarNode } from './yaml-node.js';

/** What the caller knows about the world; each set that is given is checked against. */
export interface LoadContext {
  /** IDs that `covers` may name. */
  requirements?: ReadonlySet<string>;
  /** tshark's field names (`tshark -G fields`), to find misspelt ones. */
  tsharkFields?: ReadonlySet<string>;
  /** IDs that `findings` may name. */
  findings?: ReadonlySet<string>;
  /** Names that `on` and `stack` may use. */
  implementations?: ReadonlySet<string>;
}

/** What every reader of a part of a case needs: where problems go, and what of the whole case matters to the part. */
export class Reading {
  readonly read: Read;
  /** Structure keys that may stand in an expect item or step, for messages. */
  readonly itemKeys = ITEM_KEYS;

  constructor(
    readonly source: SourceText,
    readonly problems: Problems,
    readonly context: LoadContext,
    readonly families: readonly Family[],
  ) {
    this.read = new Read(problems);
  }

  placeInside(node: ScalarNode, index: number): Place {
    return this.source.placeAt(node.offsetOf(index));
  }

  /** What is wrong with judging this field in this case: tshark does not know it, or one family lacks it. */
  wrongField(name: string): Wrong | undefined {
    const family = familyOf(name);
    const missing = this.families.find((other) => family !== undefined && other !== family);
    if (family !== undefined && missing !== undefined) {
      const title = missing === 'ipv4' ? 'IPv4' : 'IPv6';
      return {
        found: `${quoted(name)} in a case that runs over ${title} too`,
        expected: 'a field of both families',
        remedy: `say \`families: [${family}]\` in the case`,
      };
    }
    const known = this.context.tsharkFields;
    if (known === undefined || !name.includes('.') || known.has(name)) return undefined;
    const close = didYouMean(name, known);
    return {
      found: `${quoted(name)}, a field that tshark does not know`,
      expected: 'a field name of `tshark -G fields`',
      remedy: close === undefined ? undefined : `did you mean \`${close}\`?`,
    };
  }
}
