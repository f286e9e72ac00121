import { expect, test } from '@jest/globals';
import { LabError } from '../../netns/errors.js';
import { createLab } from '../../netns/lab.js';
import { runTool } from '../../netns/run-tool.js';

test('a tool that is missing names its package', async () => {
  const missing = LabError.ofTool('nft', Object.assign(new Error('spawn nft ENOENT'), { code: 'ENOENT' }));
  expect(missing).toMatchObject({
    message: 'nft is not installed',
    remedy: 'Install it: apt-get install nftables',
  });
  await expect(runTool('/no/such/tool', [])).rejects.toMatchObject({
    name: 'LabError',
    message: '/no/such/tool is not installed',
  });
});

test('a tool that fails is quoted', async () => {
  await expect(runTool('sh', ['-c', 'echo no way >&2; exit 4'])).rejects.toMatchObject({
    message: "'sh -c echo no way >&2; exit 4' failed (exit status 4): no way",
    command: 'sh -c echo no way >&2; exit 4',
    stderr: 'no way',
    remedy: undefined,
  });
});

test('a lack of privileges has a remedy', () => {
  const error = new LabError('no', { stderr: 'unshare: unshare failed: Operation not permitted\n' });
  expect(error.message).toBe('no: unshare: unshare failed: Operation not permitted');
  expect(error.remedy).toBe('Run it as root: sudo, or a container started with --privileged.');
});

test('labs that cannot be are refused before anything is made', async () => {
  const kernels = { kernelRst: 'allow', clientKernel: true, serverKernel: true } as const;
  await expect(createLab({ ...kernels, mtu: 67 })).rejects.toThrow(
    'an MTU of 67 is not between 68 and 65535',
  );
  await expect(createLab({ ...kernels, id: '../x' })).rejects.toThrow("'../x' is not a lab's name");
  await expect(createLab({ ...kernels, tap: 'client' })).rejects.toThrow('the client has a TAP device');
});
