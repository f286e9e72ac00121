export type DissectFault =
  /** Neither sharkd nor tshark is installed. */
  | 'not-installed'
  /** The display filter is not one. */
  | 'filter'
  /** Wireshark has no such field. */
  | 'field'
  /** The dissector ended or did not answer. */
  | 'died';

/** The dissection cannot be had, or what it was asked for does not exist. */
export class DissectError extends Error {
  override readonly name = 'DissectError';
  readonly fault: DissectFault;
  /** The display filter or field that is wrong, as it was given. */
  readonly subject: string | undefined;
  readonly remedy: string | undefined;

  constructor(fault: DissectFault, message: string, details: { subject?: string; remedy?: string } = {}) {
    super(message);
    this.fault = fault;
    this.subject = details.subject;
    this.remedy = details.remedy;
  }
}

export type CaptureFileFault = 'empty' | 'truncated' | 'not-a-capture' | 'unreadable';

/** A capture file that cannot be read, or not to its end. */
export class CaptureFileError extends Error {
  override readonly name = 'CaptureFileError';
  readonly kind: CaptureFileFault;
  readonly path: string;
  readonly remedy: string;

  constructor(kind: CaptureFileFault, path: string, message: string, remedy: string) {
    super(`${path}: ${message}`);
    this.kind = kind;
    this.path = path;
    this.remedy = remedy;
  }
}
