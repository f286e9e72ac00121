import { conformance } from './conformance.js';

await conformance(['expectations/field'], ['linux', 'tcp-lite']);
