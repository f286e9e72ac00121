/** Text that should be tcpdump's output and is not. */
export class TcpdumpTextError extends Error {
  override readonly name = 'TcpdumpTextError';
  readonly remedy = 'Give the output of: tcpdump -n -r FILE tcp (with or without -S, -v, -t, -X)';

  constructor(
    readonly line: number,
    problem: string,
  ) {
    super(`line ${line}: ${problem}`);
  }
}
