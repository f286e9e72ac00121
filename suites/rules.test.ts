import { conformance } from './conformance.js';

// Together, so that what waits for minutes does so beside everything else and not after it.
const FOLDERS = ['rfc9293', 'companions', 'states'].map((folder) => `expectations/${folder}`);
await conformance(FOLDERS, ['linux', 'tcp-lite'], { verySlow: true });
