import { expect, test } from '@jest/globals';
import { programName, shellWord } from '../../../harness/run/program-name.js';

test.each([
  ['/src/tcpspec', '/src/tcpspec', 'bin/tcpspec'],
  ['/src/tcpspec', '/home/me', '/src/tcpspec/bin/tcpspec'],
  ['/src/tcp spec', '/home/me', "'/src/tcp spec/bin/tcpspec'"],
  ['/home/me/stack/node_modules/tcpspec', '/home/me/stack', 'npx tcpspec'],
  ['/home/me/stack/node_modules/tcpspec', '/home/me/stack/cases', 'npx tcpspec'],
  ['/home/me/stack/node_modules/tcpspec', '/home/me/stack2', 'tcpspec'],
  ['/usr/lib/node_modules/tcpspec', '/home/me', 'tcpspec'],
])('of %s, in %s, it is called %s', (root, cwd, name) => {
  expect(programName(root, cwd)).toBe(name);
});

test('a word is quoted where a shell would read more into it', () => {
  expect(['a/b-c.yaml', 'id@ipv6', 'state[rst:right]', "it's", '$(x)', ''].map(shellWord)).toEqual([
    'a/b-c.yaml',
    'id@ipv6',
    "'state[rst:right]'",
    String.raw`'it'\''s'`,
    "'$(x)'",
    "''",
  ]);
});
