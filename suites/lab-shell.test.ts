import { describe, expect, jest, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { checkMachine } from '../netns/doctor.js';

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

const built = (name: string) => fileURLToPath(new URL(`../dist/netns/${name}.js`, import.meta.url));

/** Runs a Node program of our own build behind `wrapper`; returns its exit status and what it wrote. */
async function run(
  wrapper: string[],
  program: string,
  input = '',
): Promise<{ status: number; out: string; err: string }> {
  const [file = '', ...args] = [...wrapper, process.execPath, '--input-type=module', '-e', program];
  const child = spawn(file, args, { stdio: 'pipe', env: { ...process.env, SHELL: '/bin/sh' } });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdin.end(input);
  const [status] = (await once(child, 'close')) as [number];
  return { status, out, err };
}

const labShell = (options: object, input?: string) =>
  run(
    [fileURLToPath(new URL('../scripts/private', import.meta.url))],
    `const { runLabShell } = await import(${JSON.stringify(built('lab-shell'))});
     process.exitCode = await runLabShell(${JSON.stringify(options)});`,
    input,
  );

describe('the lab by hand', () => {
  test('tells what there is, runs the command at the client and returns its exit status', async () => {
    const command = ['sh', '-c', 'ip -brief -4 address show eth0; exit 7'];
    const { status, out, err } = await labShell({ kernelRst: 'drop', command });
    expect(status).toBe(7);
    expect(out).toMatch(/^eth0@if11 +UP +10\.0\.0\.1\/24 \n$/);
    expect(err.replace(/\/proc\/\d+\//, '/proc/PID/')).toMatchInlineSnapshot(`
      "Two network namespaces joined by a wire; no way leads out.

        client  10.0.0.1  fd00::1  eth0  02:00:00:00:00:01
        server  10.0.0.2  fd00::2  eth0  02:00:00:00:00:02

      Run a command at an end       ip netns exec server nc -l 8080
      Watch the wire                ip netns exec server tshark -i eth0
        from another terminal       sudo nsenter --net=/proc/PID/root/run/netns/server wireshark -k -i eth0
      Resets of the kernels         dropped and counted: ip netns exec client nft list counter inet tcpspec kernel_resets
      "
    `);
  });

  test('gives a shell without a command, and the commands that it tells work', async () => {
    const { status, out } = await labShell(
      { kernelRst: 'allow' },
      `ip netns exec server nc -l 8080 &
       until echo hello | nc -N 10.0.0.2 8080; do sleep 0.1; done
       wait
       ip netns exec server ip -brief -4 address show eth0
       ip netns exec client nft list counter inet tcpspec kernel_resets
       exit 3`,
    );
    expect(status).toBe(3);
    expect(out).toMatch(/^hello$/m);
    expect(out).toMatch(/10\.0\.0\.2\/24/);
    expect(out).toMatch(/packets 0 bytes 0/);
  });

  test('says when the command does not exist', async () => {
    const { status, err } = await labShell({ kernelRst: 'allow', command: ['/no/such/command'] });
    expect(status).toBe(1);
    expect(err).toMatch(/'\/no\/such\/command' could not be started/);
  });
});

describe('the doctor', () => {
  test('finds nothing wrong where these suites run', async () => {
    expect((await checkMachine()).filter((check) => check.required && !check.ok)).toEqual([]);
  });

  test('names what is missing without the privileges, and the remedy', async () => {
    const { out } = await run(
      ['setpriv', '--bounding-set', '-net_admin,-net_raw,-sys_admin', '--'],
      `const { checkMachine } = await import(${JSON.stringify(built('doctor'))});
       const wrong = (await checkMachine()).filter((check) => !check.ok);
       console.log(wrong.map((check) => check.name + ': ' + check.found + '\\n  ' + check.remedy).join('\\n'));`,
    );
    expect(out).toMatchInlineSnapshot(`
      "privileges: without CAP_NET_ADMIN, CAP_NET_RAW, CAP_SYS_ADMIN
        Run it as root: sudo, or a container started with --privileged.
      raw frames: socket AF_PACKET: operation not permitted (EPERM)
        Run it as root: sudo, or a container started with --privileged.
      namespaces: 'unshare --mount --pid --net --fork --kill-child=KILL --mount-proc -- true' failed (exit status 1): unshare: unshare failed: Operation not permitted
        Run it as root: sudo, or a container started with --privileged.
      veth: 'unshare --net -- ip link add name v0 type veth peer name v1' failed (exit status 1): unshare: unshare failed: Operation not permitted
        Run it as root: sudo, or a container started with --privileged.
      nf_tables: 'unshare --net -- nft -f -' failed (exit status 1): unshare: unshare failed: Operation not permitted
        Run it as root: sudo, or a container started with --privileged.
      "
    `);
  });
});
