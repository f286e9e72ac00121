/** What ends or refuses a connection, with the errno-like code that `net` would give and, where there is one, a remedy. */
export class TcpError extends Error {
  override readonly name: string = 'TcpError';
  readonly code: string;
  readonly remedy: string | undefined;
  constructor(code: string, message: string, remedy?: string) {
    super(message);
    this.code = code;
    this.remedy = remedy;
  }
}

/** The peer answered the SYN with a reset, or a router with a hard ICMP error. */
export class ConnectionRefusedError extends TcpError {
  override readonly name = 'ConnectionRefusedError';
  constructor(message = 'the peer refused the connection') {
    super('ECONNREFUSED', message);
  }
}

/** A reset, received or sent, ended the connection: data may be lost. */
export class ConnectionResetError extends TcpError {
  override readonly name = 'ConnectionResetError';
  constructor(message = 'the peer reset the connection') {
    super('ECONNRESET', message);
  }
}

/** The application aborted the connection itself (RFC 9293 section 3.10.5). */
export class ConnectionAbortedError extends TcpError {
  override readonly name = 'ConnectionAbortedError';
  constructor(message = 'the connection was aborted by the application') {
    super('ECONNABORTED', message);
  }
}

/** R2, the user timeout or the keep-alive count was reached without an answer (RFC 9293 sections 3.8.3, 3.8.4). */
export class ConnectionTimedOutError extends TcpError {
  override readonly name = 'ConnectionTimedOutError';
  /** The last soft ICMP error on this connection, which may be the reason. */
  readonly softError: SoftError | undefined;
  constructor(message: string, softError?: SoftError) {
    super('ETIMEDOUT', softError === undefined ? message : `${message}; last report: ${softError.message}`);
    this.softError = softError;
  }
}

/** A hard ICMP error ended the connection (SHLD-26). */
export class UnreachableError extends TcpError {
  override readonly name = 'UnreachableError';
  constructor(code: 'EHOSTUNREACH' | 'ENOPROTOOPT', message: string) {
    super(code, message);
  }
}

/** The address cannot be a TCP peer or the local end (MUST-46). */
export class InvalidAddressError extends TcpError {
  override readonly name = 'InvalidAddressError';
  constructor(code: 'EINVAL' | 'EADDRNOTAVAIL' | 'ENETUNREACH', message: string, remedy?: string) {
    super(code, message, remedy);
  }
}

/** The port or the pair of sockets is taken. */
export class AddressInUseError extends TcpError {
  override readonly name = 'AddressInUseError';
  constructor(message: string, remedy?: string) {
    super('EADDRINUSE', message, remedy);
  }
}

/** A call that the connection's state does not allow: sending after close (RFC 9293 section 3.10.2). */
export class ClosingError extends TcpError {
  override readonly name = 'ClosingError';
  constructor(message = 'the sending side of the connection is closed') {
    super('EPIPE', message);
  }
}

/** An option with a name or value that TCP Lite does not know. */
export class OptionError extends TcpError {
  override readonly name = 'OptionError';
  constructor(message: string, remedy: string) {
    super('EINVAL', message, remedy);
  }
}

/** A condition that does not end the connection (MUST-47, SHLD-9, SHLD-25). */
export interface SoftError {
  reason: 'icmp' | 'retransmitting';
  message: string;
  /** ICMP type and code where the reason is `icmp`. */
  type?: number;
  code?: number;
  /** How often the segment was sent again where the reason is `retransmitting`. */
  retransmissions?: number;
}
