import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { promisify } from 'node:util';
import { installCommand, LabError, RUN_AS_ROOT, TOOL_PACKAGES } from './errors.js';
import { guardRules } from './guard.js';
import { runTool, toolEnvironment } from './run-tool.js';
import { hasIpv6 } from './sysctl.js';

export interface Check {
  name: string;
  ok: boolean;
  /** False when things work without it, only slower or with less comfort. */
  required: boolean;
  /** What is there, or what happened when it was tried. */
  found: string;
  remedy?: string;
}

/** Looks whether this machine can run labs, by trying each thing in namespaces of its own. Never throws. */
export async function checkMachine(): Promise<Check[]> {
  const tried = await Promise.all([
    nativeCalls(),
    attempt('namespaces', 'network, mount and process namespaces can be made', UNSHARE_ALL, ['true']),
    attempt('veth', 'virtual wires can be made', UNSHARE_NET, VETH, 'Load the module: modprobe veth'),
    guard(),
    ...TOOLS.map(tool),
  ]);
  return [nodeVersion(), kernel(), capabilities(), tun(), ipv6(), ...tried];
}

function nodeVersion(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 9);
  return check('node', ok, process.version, 'Install Node.js 20.9 or newer: https://nodejs.org');
}

function kernel(): Check {
  const ok = process.platform === 'linux';
  return check('linux', ok, ok ? release() : process.platform, 'Network namespaces exist on Linux only.');
}

function capabilities(): Check {
  const text = readable('/proc/self/status') ?? '';
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(text)?.[1] ?? '0'}`);
  const missing = CAPABILITIES.filter(({ bit }) => ((effective >> bit) & 1n) === 0n).map(({ name }) => name);
  const root = process.getuid?.() === 0;
  const found =
    missing.length === 0 ? `${root ? 'root' : 'not root'}, all there` : `without ${missing.join(', ')}`;
  return check('privileges', root && missing.length === 0, found, RUN_AS_ROOT);
}

async function nativeCalls(): Promise<Check> {
  try {
    const { check: must, close, socket } = await import('../native/libc.js');
    // Protocol 0 and no bind: it receives nothing.
    close(must(socket(AF_PACKET, SOCK_RAW, 0), 'socket AF_PACKET'));
    return check('raw frames', true, 'AF_PACKET sockets can be opened');
  } catch (error) {
    const remedy = error instanceof Error && 'remedy' in error ? String(error.remedy) : REINSTALL;
    return check('raw frames', false, messageOf(error), remedy);
  }
}

async function guard(): Promise<Check> {
  return attempt(
    'nf_tables',
    'the guard against resets can be installed',
    UNSHARE_NET,
    ['nft', '-f', '-'],
    'Load the module: modprobe nf_tables',
    guardRules('drop'),
  );
}

function tun(): Check {
  try {
    closeSync(openSync('/dev/net/tun', constants.O_RDWR));
    return check('tap', true, '/dev/net/tun can be opened');
  } catch (error) {
    return check(
      'tap',
      false,
      messageOf(error),
      'Load the module (modprobe tun); in a container: --device /dev/net/tun.',
    );
  }
}

function ipv6(): Check {
  const ok = hasIpv6();
  return check(
    'ipv6',
    ok,
    ok ? 'the kernel speaks it' : 'the kernel was started without it',
    'Boot without ipv6.disable=1.',
  );
}

async function tool({ name, required }: { name: string; required: boolean }): Promise<Check> {
  const remedy = installCommand(TOOL_PACKAGES[name] ?? name);
  try {
    // Some print their version on standard error.
    const { stdout, stderr } = await promisify(execFile)(name, [name === 'ip' ? '-V' : '--version'], {
      timeout: 10_000,
      env: toolEnvironment(),
    });
    const line = `${stdout}\n${stderr}`.split('\n').find((text) => /\d/.test(text)) ?? 'version unknown';
    return { ...check(name, true, line.trim()), required };
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return { ...check(name, false, missing ? 'not installed' : messageOf(error), remedy), required };
  }
}

/** Tries `command` in namespaces of its own. */
async function attempt(
  name: string,
  found: string,
  unshare: readonly string[],
  command: readonly string[],
  remedy = RUN_AS_ROOT,
  input = '',
): Promise<Check> {
  try {
    await runTool('unshare', [...unshare, '--', ...command], { input });
    return check(name, true, found);
  } catch (error) {
    return check(
      name,
      false,
      messageOf(error),
      error instanceof LabError ? (error.remedy ?? remedy) : remedy,
    );
  }
}

function check(name: string, ok: boolean, found: string, remedy?: string): Check {
  return { name, ok, required: true, found, ...(ok || remedy === undefined ? {} : { remedy }) };
}

function messageOf(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line;
}

function readable(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

const TOOLS = [
  { name: 'ip', required: true },
  { name: 'nft', required: true },
  { name: 'ethtool', required: true },
  { name: 'setpriv', required: true },
  { name: 'unshare', required: true },
  { name: 'tshark', required: true },
  { name: 'dumpcap', required: true },
  { name: 'sharkd', required: false },
];

const CAPABILITIES = [
  { name: 'CAP_NET_ADMIN', bit: 12n },
  { name: 'CAP_NET_RAW', bit: 13n },
  { name: 'CAP_SYS_ADMIN', bit: 21n },
];

const UNSHARE_NET = ['--net'];
const UNSHARE_ALL = ['--mount', '--pid', '--net', '--fork', '--kill-child=KILL', '--mount-proc'];
const VETH = ['ip', 'link', 'add', 'name', 'v0', 'type', 'veth', 'peer', 'name', 'v1'];
const REINSTALL = 'Install the dependencies again: npm ci';

const AF_PACKET = 17;
const SOCK_RAW = 3;
