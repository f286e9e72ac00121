import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import type { Lab, Place } from '../../netns/lab.js';

/** Runs a Node program at a place of the lab and returns what it wrote to its standard output, once it has ended. */
export async function runAt(lab: Lab, place: Place, program: string, ...args: string[]): Promise<string> {
  return outputOf(
    lab.spawn(place, [process.execPath, '-e', program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
}

/** Starts a Node program at a place of the lab and waits for its first output, which it returns too. */
export async function startAt(
  lab: Lab,
  place: Place,
  program: string,
  ...args: string[]
): Promise<{ child: ChildProcess; said: string }> {
  const child = lab.spawn(place, [process.execPath, '-e', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  return { child, said: said.toString() };
}

/** All that a process writes to its standard output until it ends. */
export async function outputOf(child: ChildProcess): Promise<string> {
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  await once(child, 'close');
  return output;
}

/** Listens on port 8080 of every address, answers each connection's bytes with its argument before them. */
export const ECHO_SERVER = `
  require('net').createServer((socket) => {
    socket.on('data', (data) => socket.write(process.argv[1] + data)).on('end', () => socket.end());
  }).listen(8080, '::', () => console.log('ready'));
`;

/** Connects to its first argument at port 8080, sends its second and writes what comes back. */
export const CLIENT = `
  const socket = require('net').connect(8080, process.argv[1], () => socket.end(process.argv[2]));
  socket.on('error', (error) => console.log(error.code)).pipe(process.stdout);
`;
