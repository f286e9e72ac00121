import type { SocketOptions, UpperTester } from './protocol.js';

/** The same upper tester, where every socket that it opens has these options unless the request says otherwise. */
export function withOptions(upper: UpperTester, options: SocketOptions): UpperTester {
  if (Object.keys(options).length === 0) return upper;
  return {
    request: (request) =>
      request.op === 'listen' || request.op === 'connect'
        ? upper.request({ ...request, options: { ...options, ...request.options } })
        : upper.request(request),
  };
}
