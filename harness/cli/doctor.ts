import { checkMachine } from '../../netns/doctor.js';
import { EXIT_MACHINE, EXIT_OK } from './exit.js';

/** Tells what this machine has and lacks, each lack with the command that mends it. Exit 3 when something is missing. */
export async function doctorCommand(options: { json?: boolean }): Promise<number> {
  const checks = await checkMachine();
  const missing = checks.filter((check) => !check.ok);
  if (options.json) {
    process.stdout.write(JSON.stringify({ schemaVersion: 1, checks }, null, 2) + '\n');
  } else {
    const width = Math.max(...checks.map((check) => check.name.length));
    for (const { name, ok, found, remedy } of checks) {
      process.stdout.write(`${ok ? 'ok     ' : 'missing'}  ${name.padEnd(width)}  ${found}\n`);
      if (!ok && remedy) process.stdout.write(`         ${' '.repeat(width)}  ${remedy}\n`);
    }
    const closing = missing.length === 0 ? 'This machine can run everything.' : `${missing.length} missing.`;
    process.stdout.write(`\n${closing}\n`);
  }
  return missing.length === 0 ? EXIT_OK : EXIT_MACHINE;
}
