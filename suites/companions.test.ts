import { conformance } from './conformance.js';

await conformance(['expectations/companions'], ['linux', 'tcp-lite']);
