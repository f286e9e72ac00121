import { Rules } from '../../tcp-lite/core/rules.js';
import { HostRules } from '../../tcp-lite/host/rules.js';
import type { TcpLiteRules } from '../run/in-process-tcp-lite.js';

/** A TCP Lite that is wrong on purpose, to see whether the suite notices. */
export interface Mutant {
  /** Lower-case words with hyphens, unique. */
  id: string;
  /** What it does wrong, in one sentence. */
  breaks: string;
  /** Rules of the requirement catalogue that it breaks; the cases that cover them must notice it. */
  rules: string[];
  /** Ids of cases, or of single rows, that alone must notice it, instead of all that cover its rules. */
  cases?: string[];
  /** Why it is enough that the case cannot reach its purpose: nothing that it could judge is left. */
  inconclusive?: string;
  /** Decisions of the core that it takes otherwise, made anew for each stack. */
  core?: () => Partial<Rules> & ThisType<Rules>;
  /** Decisions of the host that it takes otherwise, made anew for each stack. */
  host?: () => Partial<HostRules> & ThisType<HostRules>;
}

/** What an unbroken TCP Lite decides, for mutants that differ in some cases only. */
export const usual: Rules = Rules.prototype;
export const usualHost: HostRules = HostRules.prototype;

/** The decisions of a TCP Lite with that mutation, fresh ones each time. */
export function rulesOf(mutant: Pick<Mutant, 'core' | 'host'>): TcpLiteRules {
  return {
    ...(mutant.core ? { core: Object.assign(new Rules(), mutant.core()) } : {}),
    ...(mutant.host ? { host: Object.assign(new HostRules(), mutant.host()) } : {}),
  };
}
