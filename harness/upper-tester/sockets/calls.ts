/**
 * The sockets API of a stack: the kernel's, or that of a library which carries its own TCP. Numbers and address layouts
 * are those of this machine's C library; results are as in the manual pages, errors in `errno`.
 */
export interface SocketCalls {
  /** Name for messages: `Linux`, `lwIP`. */
  readonly stack: string;
  socket(family: number, type: number): number;
  bind(fd: number, address: Uint8Array): number;
  connect(fd: number, address: Uint8Array): number;
  listen(fd: number, backlog: number): number;
  accept(fd: number): number;
  recv(fd: number, memory: Uint8Array, length: number): number;
  send(fd: number, data: Uint8Array, flags: number): number;
  shutdown(fd: number, how: number): number;
  close(fd: number): number;
  getsockname(fd: number, address: Uint8Array, length: Uint8Array): number;
  getpeername(fd: number, address: Uint8Array, length: Uint8Array): number;
  getsockopt(fd: number, level: number, name: number, value: Uint8Array, length: Uint8Array): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number;
  errno(): number;
  /** Watches a descriptor until it is stopped; `onReady` says what it is ready for. */
  watch(fd: number, onReady: (seen: Readiness) => void): Watcher;
  /** RFC 9293 name of the connection's state, where the stack tells it. */
  state(fd: number): string | undefined;
}

export interface Readiness {
  readable: boolean;
  writable: boolean;
}

export interface Watcher {
  /** Reports once the descriptor is ready for one of these; nothing while both are false. */
  want(events: Readiness): void;
  close(): void;
}
