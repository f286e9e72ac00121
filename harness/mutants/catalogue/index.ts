import type { Mutant } from '../mutant.js';
import { challengeMutants } from './challenges.js';
import { closingMutants } from './closing.js';
import { congestionMutants } from './congestion.js';
import { ecnMutants } from './ecn.js';
import { headerMutants } from './header.js';
import { keepAliveMutants } from './keep-alive.js';
import { networkMutants } from './network.js';
import { openingMutants } from './opening.js';
import { optionMutants } from './options.js';
import { receivingMutants } from './receiving.js';
import { resetMutants } from './resets.js';
import { sackMutants } from './sack.js';
import { sendWindowMutants } from './send-window.js';
import { sendingMutants } from './sending.js';
import { timerMutants } from './timers.js';
import { timestampMutants } from './timestamps.js';
import { windowScaleMutants } from './window-scale.js';

/** Every mutant written by hand, by topic. */
export const TOPICS: Readonly<Record<string, readonly Mutant[]>> = {
  header: headerMutants,
  options: optionMutants,
  resets: resetMutants,
  challenges: challengeMutants,
  opening: openingMutants,
  closing: closingMutants,
  receiving: receivingMutants,
  sending: sendingMutants,
  'send-window': sendWindowMutants,
  'keep-alive': keepAliveMutants,
  network: networkMutants,
  timers: timerMutants,
  congestion: congestionMutants,
  'window-scale': windowScaleMutants,
  timestamps: timestampMutants,
  ecn: ecnMutants,
  sack: sackMutants,
};
