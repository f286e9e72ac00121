import type { CaseResult } from '../../harness/run/results.js';
import { kernelResetResult } from './sample-results.js';

/** Texts that would be markup, script, a command or a trick on the eye where somebody forgot to escape. */
export const HOSTILE = [
  '<script>globalThis.owned=1</script>',
  '</script><script>globalThis.owned=1</script>',
  '"><img src=x onerror="globalThis.owned=1">',
  "' onfocus='globalThis.owned=1' autofocus='",
  '<!--<script>',
  ']]></failure><failure message="x">',
  '</title></style></textarea></svg><svg/onload=globalThis.owned=1>',
  'javascript:globalThis.owned=1',
  '${globalThis.owned=1}`',
  '\u001b[31m\u001b]0;owned\u0007\u0000\u0008',
  '\u202e\u2066gpj.exe\u2028\u2029',
  '\ud800 lone \udc00',
  '::error file=x,line=1::owned\n::set-output name=x::y',
  '| a | b |\n```\n</details><b>@everyone</b> [x](javascript:alert(1))',
  '&lt;b&gt;&amp;',
  '__proto__',
];

/** A failing result in which every text that somebody else wrote is `text`. */
export function hostileResult(text: string): CaseResult {
  const base = kernelResetResult();
  return {
    ...base,
    id: text,
    title: text,
    purpose: text,
    iut: text,
    covers: [text],
    tags: [text],
    file: text,
    reason: text,
    stage: text,
    knownDeviation: { reason: text, reference: text },
    capture: text,
    displayFilter: text,
    rerun: text,
    source: text,
    output: text,
    outcomes: [text],
    packets: base.packets.map((packet) => ({
      ...packet,
      flags: text,
      options: text,
      payload: text,
      len: 20,
      analysis: [text],
      src: text,
      dst: text,
    })),
    otherFrames: [{ frame: 9, timeMs: 0.2, protocol: text, info: text, src: text, dst: text }],
    diagnosis: [{ id: text, severity: 'error', frames: [3], title: text, explanation: text, remedy: text }],
    failure: {
      ...base.failure!,
      requirement: text,
      expected: text,
      actual: text,
      text,
      differences: [{ field: text, expected: text, actual: text }],
    },
  };
}
