export type CaptureFault =
  /** The capture tool is not installed. */
  | 'not-installed'
  /** It could not open the interface, or the machine does not allow it. */
  | 'not-started'
  /** It ended while the capture was in use. */
  | 'died'
  /** The sentinel frame did not come out of the capture in time. */
  | 'sentinel-lost'
  /** What it wrote is not what this reader knows. */
  | 'format';

/** The capture cannot be had or cannot be trusted; a verdict from it would be `error`. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
  readonly fault: CaptureFault;
  /** What the capture tool printed last. */
  readonly output: string;
  readonly remedy: string | undefined;

  constructor(fault: CaptureFault, message: string, details: { output?: string; remedy?: string } = {}) {
    const output = (details.output ?? '').trim();
    super(output === '' ? message : `${message}: ${output}`);
    this.fault = fault;
    this.output = output;
    this.remedy = details.remedy;
  }
}
