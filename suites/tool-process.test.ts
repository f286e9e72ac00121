import { expect, test } from '@jest/globals';
import { execa } from 'execa';

/** Runs `body` with a ToolProcess of the compiled program; in the sources of a test there is none to start. */
async function withTools(body: string): Promise<unknown> {
  const program = `
    import { ToolProcess } from './dist/netns/tool-process.js';
    const tools = ToolProcess.start();
    const told = [];
    ${body}
    console.log(JSON.stringify(told));
  `;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', program], {
    timeout: 20_000,
  });
  return JSON.parse(stdout);
}

test('tools are started by another process, and what they say comes back', async () => {
  const told = await withTools(`
    const { stdout } = await tools.execute('sh', ['-c', 'cat; echo $PPID'], { input: 'in ' });
    told.push(stdout.startsWith('in '), Number(stdout.slice(3)) !== process.pid);
    told.push((await tools.execute('sh', ['-c', 'echo no way >&2; exit 4'], {})));
    told.push((await tools.execute('/no/such/tool', [], {})).fault.code);
  `);
  expect(told).toEqual([true, true, { stdout: '', stderr: 'no way\n', code: 4, signal: null }, 'ENOENT']);
});

test('when that process is gone the work is done here', async () => {
  const told = await withTools(`
    const { stdout: pid } = await tools.execute('sh', ['-c', 'echo $PPID'], {});
    const waiting = tools.execute('sh', ['-c', 'sleep 0.3; echo again $PPID'], {});
    process.kill(Number(pid), 'SIGKILL');
    told.push((await waiting).stdout === 'again ' + process.pid + '\\n');
    told.push((await tools.execute('sh', ['-c', 'echo $PPID'], {})).stdout === process.pid + '\\n');
  `);
  expect(told).toEqual([true, true]);
});
