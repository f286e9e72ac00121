import { execa } from 'execa';

/** Version of Wireshark that dissects here, such as 4.0.17; `unknown` where tshark does not say. */
export async function wiresharkVersion(): Promise<string> {
  const { stdout } = await execa('tshark', ['--version'], { reject: false, stdin: 'ignore' });
  return /(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? 'unknown';
}
