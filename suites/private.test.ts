import { describe, expect, jest, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createLab } from '../netns/lab.js';
import { isPrivate } from '../netns/private.js';
import { runTool } from '../netns/run-tool.js';
import { isAlive, until } from './support/until.js';

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

const PRIVATE = fileURLToPath(new URL('../scripts/private', import.meta.url));
const LAB = fileURLToPath(new URL('../dist/netns/lab.js', import.meta.url));

/** Starts a command in private namespaces below these, and collects what it writes. */
function start(...command: string[]): {
  outer: ChildProcess;
  output: () => string;
  status: Promise<number | null>;
} {
  const outer = spawn(PRIVATE, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  outer.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  outer.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const status = once(outer, 'close').then(([code]) => code as number | null);
  return { outer, output: () => output, status };
}

async function outputAndStatus(...command: string[]): Promise<[string, number | null]> {
  const { output, status } = start(...command);
  const code = await status;
  return [output(), code];
}

/** Pids of the processes, here and in pid namespaces below, that carry `word` in their command line. */
function processesWith(word: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && isAlive(pid))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word);
      } catch {
        return false;
      }
    });
}

describe('a private run', () => {
  test('is what these suites run in', () => {
    expect(isPrivate()).toBe(true);
  });

  test('has pids, named namespaces and temporary files of its own', async () => {
    const [output, status] = await outputAndStatus(
      'sh',
      '-c',
      'ls /run/netns; ls "$TCPSPEC_TMP"; touch "$TCPSPEC_TMP/x" /run/netns/x; [ $$ -lt 50 ] && echo own pids',
    );
    expect([output, status]).toEqual(['own pids\n', 0]);
    expect(existsSync('/run/netns/x')).toBe(false);
    expect(existsSync(`${process.env.TCPSPEC_TMP}/x`)).toBe(false);
  });

  test.each([
    ['of the command', ['sh', '-c', 'exit 7'], 7],
    ['after a signal', ['sh', '-c', 'kill -KILL $$'], 137],
    ['of a command that does not exist', ['/no/such/command'], 127],
  ])('returns the exit status %s', async (_, command, expected) => {
    expect((await outputAndStatus(...command))[1]).toBe(expected);
  });

  test('hands arguments on as they are', async () => {
    const odd = ['a b', '$(echo no)', '`echo no`', "it's", '"', '*', '-n', '', 'x=y', ';'];
    const [output] = await outputAndStatus(
      process.execPath,
      '-p',
      'JSON.stringify(process.argv.slice(1))',
      '--',
      ...odd,
    );
    expect(JSON.parse(output)).toEqual(odd);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'lets the command end in its own way on %s',
    async (signal) => {
      const program = `
      process.on('${signal}', () => setTimeout(() => { console.log('tidied up'); process.exit(5); }, 100));
      setInterval(() => {}, 1000); console.log('ready');`;
      const { outer, output, status } = start(process.execPath, '-e', program);
      await until('the command runs', () => output() === 'ready\n');
      outer.kill(signal);
      expect(await status).toBe(5);
      expect(output()).toBe('ready\ntidied up\n');
    },
  );

  test('hears Ctrl-C on a terminal once, not twice, and with the usual effect', async () => {
    const program = `
      let heard = 0;
      process.on('SIGINT', () => { heard++; setTimeout(() => process.exit(heard), 200); });
      setInterval(() => {}, 1000); console.log('ready');`;
    for (const [command, status] of [
      [`'${process.execPath}' -e "$PROGRAM"`, 1],
      [`sh -c 'trap "exit 9" INT; echo ready; while :; do sleep 0.05; done'`, 9],
      [`'${process.execPath}' -e 'console.log("ready"); setInterval(() => {}, 1000)'`, 130],
    ] as const) {
      const line = `'${PRIVATE}' ${command}; echo "status $?"`;
      const env = { ...process.env, PROGRAM: program };
      const terminal = spawn('script', ['-qec', `trap : INT; ${line}`, '/dev/null'], { stdio: 'pipe', env });
      let output = '';
      terminal.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
      await until('the command runs', () => output.includes('ready'));
      terminal.stdin.write('\x03');
      await once(terminal, 'close');
      expect(output).toMatch(new RegExp(`status ${status}\r\n`));
    }
  });

  test('ends a command that will not end on the second signal', async () => {
    const program = `process.on('SIGTERM', () => console.log('no')); setInterval(() => {}, 1000); console.log('ready');`;
    const { outer, output, status } = start(process.execPath, '-e', program);
    await until('the command runs', () => output() === 'ready\n');
    outer.kill('SIGTERM');
    await until('the command has heard', () => output() === 'ready\nno\n');
    outer.kill('SIGTERM');
    expect(await status).toBe(137);
  });
});

describe('a run whose first process is killed', () => {
  /** Makes a lab with a process in it, tells the pid of process 1 as seen from here, and stays. */
  const program = (word: string) => `
    const { createLab } = await import(${JSON.stringify(LAB)});
    const lab = await createLab({ kernelRst: 'drop', clientKernel: true, serverKernel: true, id: '' });
    lab.spawn('server', ['sh', '-c', 'sleep 1000; true', '${word}'], { stdio: 'ignore', detached: true });
    console.log(process.env.TCPSPEC_OUTER_PID);
    setInterval(() => {}, 1000);`;

  test('leaves no process and no namespace', async () => {
    const word = `mark-${process.pid}-${Date.now()}`;
    const witness = await createLab({ kernelRst: 'allow', clientKernel: false, serverKernel: false });
    const { outer, output } = start(process.execPath, '--input-type=module', '-e', program(word));
    await until('its lab stands', () => output().endsWith('\n'));
    const inside = processesWith(word);
    const init = Number(output());
    expect(inside.length).toBeGreaterThanOrEqual(3);

    // One end of this wire vanishes when the namespace of the other does.
    const server = inside.find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('sh\0-c\0sleep'),
    );
    await runTool(
      'ip',
      ['link', 'add', 'w0', 'type', 'veth', 'peer', 'name', 'w1', 'netns', String(server)],
      {
        namespace: witness.client.path,
      },
    );

    outer.kill('SIGKILL');
    await until('every process is gone', () => processesWith(word).length === 0 && !isAlive(init));
    await until('the namespaces are freed', async () => {
      const left = await runTool('ip', ['-brief', 'link'], { namespace: witness.client.path });
      return !left.includes('w0');
    });
    await witness.destroy();
  });

  test('leaves nothing either when that happens at any moment of its start', async () => {
    for (let delay = 0; delay < 120; delay += 8) {
      const word = `mark-${process.pid}-${delay}-${Date.now()}`;
      const { outer } = start(process.execPath, '--input-type=module', '-e', program(word));
      await new Promise((resolve) => setTimeout(resolve, delay));
      outer.kill('SIGKILL');
      await until(`every process is gone, killed after ${delay} ms`, () => processesWith(word).length === 0);
    }
  });
});
