import pc from 'picocolors';

export type Colours = ReturnType<typeof pc.createColors>;

/**
 * Whether to write colours: `NO_COLOR` (any text) turns them off, `FORCE_COLOR` (anything but `0` and `false`) turns them
 * on, else they are written to a terminal that is not `dumb` and to nothing else.
 */
export function wantsColour(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

export function coloursFor(enabled: boolean): Colours {
  return pc.createColors(enabled);
}
