import { lwipEnd } from './lwip-end.js';
import { startProfile } from './profile.js';
import { openStack } from './stacks.js';
import type { EndArguments } from './stacks.js';
import { call, serve } from './workloads.js';
import type { Workload } from './workloads.js';

// One end of a measurement, in its own process: arguments as JSON in, "ready" and figures as JSON out.
const [end, workload] = JSON.parse(process.argv[2] ?? '[]') as [EndArguments, Workload];
const say = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);

if (end.stack === 'lwip') {
  say({ figures: lwipEnd(end, workload, () => say({ ready: true })) });
  // lwIP's own threads never end.
  process.exit(0);
}
const stack = openStack(end);
const stopProfile = end.profile ? await startProfile() : undefined;
const figures =
  end.role === 'server'
    ? await serve(stack, workload, () => say({ ready: true }))
    : await call(stack, workload);
if (stopProfile) say({ profile: await stopProfile() });
say({ figures });
if (end.role === 'client') process.exit(0);
// The last acknowledgments are still to be sent; the runner ends this process.
