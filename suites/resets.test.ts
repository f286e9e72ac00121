import { conformance } from './conformance.js';

await conformance(['expectations/resets'], ['linux', 'tcp-lite', 'tcp-lite-process', 'lwip']);
