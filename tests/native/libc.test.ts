import { expect, test } from '@jest/globals';
import { check, close, codeOf, pidfd_open, setns, SystemError } from '../../native/libc.js';

test('a result that is no error passes', () => {
  expect(check(3, 'socket')).toBe(3);
});

test('an error names the call, its object, the code and what it means', () => {
  const error = new SystemError('EPERM', 'bind', 'eth0');
  expect(String(error)).toBe('SystemError: bind eth0: operation not permitted (EPERM)');
  expect(error).toMatchObject({
    code: 'EPERM',
    syscall: 'bind',
    remedy: 'Run it as root: sudo, or a container started with --privileged.',
  });
  expect(new SystemError('ENODEV', 'bind').remedy).toBeUndefined();
  expect(codeOf(98)).toBe('EADDRINUSE');
  expect(codeOf(9999)).toBe('errno 9999');
});

test('real calls work and their errors are read', () => {
  const fd = check(pidfd_open(process.pid), 'pidfd_open');
  expect(check(close(fd), 'close')).toBe(0);
  expect(() => check(close(fd), 'close')).toThrow('close: bad file descriptor (EBADF)');
  expect(() => check(setns(-1, 0), 'setns')).toThrow('EBADF');
});
