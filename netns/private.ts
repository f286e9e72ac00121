import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { LabError, RUN_AS_ROOT } from './errors.js';
import { toolEnvironment } from './run-tool.js';
import { relaySignals } from './signal-relay.js';

export interface PrivateOptions {
  cwd?: string;
  /** Added to this process's environment. */
  env?: Record<string, string>;
}

/**
 * Runs a command in mount and pid namespaces of its own, with this process's standard streams, and returns its exit
 * status (128 + the signal's number when a signal ended it).
 *
 * Inside, /run/netns is empty and private, temporary files go to a private tmpfs (TCPSPEC_TMP), and Wireshark's slow
 * tables are out of the way. When this process or the command ends, even by SIGKILL, the kernel ends every process
 * inside and frees every namespace, mount and file with them.
 *
 * SIGINT, SIGTERM and SIGHUP are passed on to the command, which may take its time; a second one ends everything at
 * once. Throws LabError when the machine does not allow it.
 */
export async function runPrivate(argv: readonly string[], options: PrivateOptions = {}): Promise<number> {
  if (argv.length === 0) throw new TypeError('runPrivate needs a command');
  if (process.getuid?.() !== 0)
    throw new LabError('private namespaces can only be made by root', { remedy: RUN_AS_ROOT });

  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', '--', 'sh', '-c', ENTER, 'sh', String(process.pid), INIT, ...argv],
    {
      stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
      env: { ...toolEnvironment(), ...options.env, [MARK]: '1', TCPSPEC_TMP: TEMPORARY_FILES },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    },
  );
  let report = '';
  child.stdio[3]?.on('data', (text: Buffer) => (report += text.toString()));
  const isReady = () => report.includes(READY);
  const stopRelay = relaySignals(child, isReady);
  try {
    const status = await new Promise<number>((resolve, reject) => {
      child.once('error', (cause) => reject(LabError.ofTool('setpriv', cause)));
      child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
    });
    const own = /^status (\d+)$/m.exec(report)?.[1];
    if (own !== undefined) return Number(own);
    if (!isReady() && status < 128)
      throw new LabError('private namespaces could not be set up', {
        command: 'setpriv --pdeathsig KILL -- unshare --mount --pid --fork --kill-child=KILL',
        stderr: report,
      });
    return status;
  } finally {
    stopRelay();
  }
}

/** True inside what runPrivate started: the environment says so, and the mounts prove it. */
export function isPrivate(): boolean {
  if (process.env[MARK] !== '1') return false;
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return [NAMED_NAMESPACES, TEMPORARY_FILES].every((path) =>
    mounts.some((line) => line.split(' ')[4] === path && line.includes(` - tmpfs ${MOUNT_SOURCE} `)),
  );
}

/**
 * Process 1 of the private namespaces as processes outside see it: /proc/PID/root/run/netns is a way in for them.
 * Undefined outside of what runPrivate started.
 */
export function privatePid(): number | undefined {
  return isPrivate() ? Number(process.env[OUTER_PID]) : undefined;
}

const MARK = 'TCPSPEC_PRIVATE';
const OUTER_PID = 'TCPSPEC_OUTER_PID';
const MOUNT_SOURCE = 'tcpspec';
const NAMED_NAMESPACES = '/run/netns';
const TEMPORARY_FILES = '/run/tcpspec';
const READY = 'ready\n';

/*
 * First shell: already under --pdeathsig. If the parent died before that was in force nobody would ever end us, so
 * look whether it is still the parent. It gives the second shell its own pid as /proc sees it, to do the same.
 * unshare must survive what a terminal sends to all, to let the command end in its own time; the command gets the
 * default actions back. Its exit status goes through descriptor 3, as does what goes wrong before it starts, since how
 * unshare itself ends under signals differs by version. Descriptor 4 keeps standard error for the command.
 */
const ENTER = `
exec 4>&2 2>&3
[ "$PPID" = "$1" ] || exit 1
init=$2
shift 2
while read -r key value; do [ "$key" = Pid: ] && break; done </proc/self/status
trap '' HUP INT TERM
exec unshare --mount --pid --fork --kill-child=KILL -- sh -c "$init" sh "$value" "$@"
`;

/*
 * Second shell: process 1 of the new pid namespace, which ends with it. It stays, to collect orphans, and because
 * the signals' default actions do not apply to a process 1. /proc is still the outer one at first.
 */
const INIT = `
set -e
while read -r key value; do
  case $key in
    Pid:) export ${OUTER_PID}="$value" ;;
    PPid:) [ "$value" = "$1" ] || exit 1 ;;
  esac
done </proc/self/status
shift
mount -t proc -o nosuid,nodev,noexec proc /proc
mkdir -p ${NAMED_NAMESPACES} ${TEMPORARY_FILES}
mount -t tmpfs -o mode=755 --make-shared ${MOUNT_SOURCE} ${NAMED_NAMESPACES}
mount -t tmpfs -o mode=1777 ${MOUNT_SOURCE} ${TEMPORARY_FILES}
for table in manuf services enterprises.tsv wka; do
  [ ! -e "/usr/share/wireshark/$table" ] || mount --bind /dev/null "/usr/share/wireshark/$table"
done
set +e
echo ready >&3
env --default-signal=HUP,INT,TERM sh -c 'exec "$@"' sh "$@" 2>&4 3>&- 4>&-
echo "status $?" >&3
`;
