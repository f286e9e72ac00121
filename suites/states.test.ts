import { conformance } from './conformance.js';

await conformance(['expectations/states'], ['linux', 'tcp-lite']);
