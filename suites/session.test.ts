import { conformance } from './conformance.js';

await conformance(['expectations/session'], ['linux', 'tcp-lite', 'tcp-lite-process', 'netcat']);
