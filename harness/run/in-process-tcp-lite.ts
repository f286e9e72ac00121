import { createTcpLite } from '../../tcp-lite/net/stack.js';
import { createUpperTester } from '../../tcp-lite/net/upper-tester.js';
import type { Rules } from '../../tcp-lite/core/rules.js';
import type { HostRules } from '../../tcp-lite/host/rules.js';
import type { Role } from '../case/model.js';
import type { Attach, IutSession } from './iut.js';
import type { WarmLab } from './warm-lab.js';

/** Decisions that a TCP Lite takes otherwise than it should: how `tcpspec mutants` breaks it. */
export interface TcpLiteRules {
  core?: Rules;
  host?: HostRules;
}

/** TCP Lite in this process, on a socket of the lab that is used again from case to case. */
export function startTcpLite(
  warm: WarmLab,
  role: Role,
  attach: Attach,
  { core, host }: TcpLiteRules = {},
): IutSession {
  const end = warm.lab[role];
  const peer = warm.lab[role === 'client' ? 'server' : 'client'];
  const stack = createTcpLite({
    device: warm.device(role),
    attach: attach === 'raw' ? 'raw' : 'packet',
    addresses: [`${end.ipv4}/24`, `${end.ipv6}/64`],
    mac: end.mac,
    ...(warm.kind.neighbours === 'static'
      ? { neighbours: { [peer.ipv4]: peer.mac, [peer.ipv6]: peer.mac } }
      : {}),
    ...(core === undefined ? {} : { config: { rules: core } }),
    ...(host === undefined ? {} : { hostRules: host }),
  });
  return {
    upper: createUpperTester(stack),
    ready: () => Promise.resolve(),
    output: () => '',
    crash: () => undefined,
    stop: () => {
      stack.detach();
      return Promise.resolve();
    },
  };
}
