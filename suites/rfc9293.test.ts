import { conformance } from './conformance.js';

await conformance(['expectations/rfc9293'], ['linux', 'tcp-lite']);
