import { conformance } from './conformance.js';

await conformance(['expectations/session'], ['linux', 'tcp-lite', 'tcp-lite-process']);
await conformance(['expectations/session/netcat.yaml'], ['netcat']);
