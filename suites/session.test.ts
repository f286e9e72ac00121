import { conformance } from './support.js';

await conformance(['expectations/session'], ['linux', 'tcp-lite', 'tcp-lite-process']);
