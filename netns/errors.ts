/** The machine, not the implementation under test: a lab could not be made, used or taken down. */
export class LabError extends Error {
  override readonly name = 'LabError';
  /** What was run, for a person to repeat. */
  readonly command?: string;
  /** What it said. */
  readonly stderr?: string;
  /** What to do about it. */
  readonly remedy?: string;

  constructor(message: string, details: LabErrorDetails = {}) {
    const stderr = details.stderr?.trim();
    super(
      stderr ? `${message}: ${stderr}` : message,
      details.cause === undefined ? {} : { cause: details.cause },
    );
    if (details.command !== undefined) this.command = details.command;
    if (stderr) this.stderr = stderr;
    const remedy = details.remedy ?? remedyFor(`${stderr ?? ''} ${codeOf(details.cause)}`);
    if (remedy !== undefined) this.remedy = remedy;
  }

  /** For a tool that could not be started at all. */
  static ofTool(tool: string, cause: unknown): LabError {
    if (codeOf(cause) !== 'ENOENT')
      return new LabError(`${tool} could not be started`, { command: tool, cause });
    const packageName = TOOL_PACKAGES[tool];
    return new LabError(`${tool} is not installed`, {
      command: tool,
      cause,
      ...(packageName === undefined ? {} : { remedy: installCommand(packageName) }),
    });
  }
}

export interface LabErrorDetails {
  cause?: unknown;
  command?: string;
  stderr?: string;
  remedy?: string;
}

/** Debian's and Ubuntu's package for each tool that is run. */
export const TOOL_PACKAGES: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  nft: 'nftables',
  ethtool: 'ethtool',
  unshare: 'util-linux',
  setpriv: 'util-linux',
  mount: 'mount',
  tshark: 'tshark',
  dumpcap: 'wireshark-common',
  sharkd: 'wireshark-common',
};

export function installCommand(packageName: string): string {
  return `Install it: apt-get install ${packageName}`;
}

export const RUN_AS_ROOT = 'Run it as root: sudo, or a container started with --privileged.';

function remedyFor(text: string): string | undefined {
  return /\bEPERM\b|\bEACCES\b|not permitted|permission denied|must be root/i.test(text)
    ? RUN_AS_ROOT
    : undefined;
}

function codeOf(cause: unknown): string {
  // No instanceof: inside jest's realm the errors of Node's own modules are of another Error.
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return '';
  return typeof cause.code === 'string' ? cause.code : '';
}
