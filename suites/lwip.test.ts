import { conformance } from './conformance.js';

// A process for every case: one address family here, both with `tcpspec run --iut lwip`.
await conformance(
  [
    'expectations/rfc9293',
    'expectations/companions',
    'expectations/states',
    'expectations/resets',
    'expectations/session',
  ],
  ['lwip'],
  { family: 'ipv4' },
);
