import { addressOf, read, recvmmsg, sendmmsg, write } from './libc.js';

/**
 * Memory for `slots` messages of up to `slotSize` octets with the mmsghdr and iovec structures that recvmmsg and
 * sendmmsg want, laid out once. The layouts are those of every 64-bit Linux, x86-64 and arm64 alike.
 */
export class MessageBatch {
  readonly slots: number;
  /** Octets from one slot to the next; a multiple of 64, so that 16- and 32-bit views of a message are aligned. */
  readonly slotSize: number;
  readonly #memory: ArrayBuffer;
  readonly #lengths: Uint32Array;
  readonly #headers: Uint32Array;
  readonly #headersAddress: bigint;
  readonly #vectors: ArrayBuffer;
  readonly #slotAddresses: bigint[] = [];
  // Most frames of a flow have one of two lengths, so the view made last time is often the one wanted again.
  readonly #views: Uint8Array[] = [];

  constructor(slots: number, slotSize: number) {
    this.slots = slots;
    this.slotSize = Math.ceil(slotSize / 64) * 64;
    this.#memory = new ArrayBuffer(slots * this.slotSize);
    this.#vectors = new ArrayBuffer(slots * IOVEC_SIZE);
    const headers = new ArrayBuffer(slots * MMSGHDR_SIZE);
    const memoryAddress = addressOf(new Uint8Array(this.#memory));
    const vectorsAddress = addressOf(new Uint8Array(this.#vectors));
    const vector = new BigUint64Array(this.#vectors);
    const header = new BigUint64Array(headers);
    for (let slot = 0; slot < slots; slot++) {
      const slotAddress = memoryAddress + BigInt(slot * this.slotSize);
      this.#slotAddresses.push(slotAddress);
      vector[slot * 2] = slotAddress;
      vector[slot * 2 + 1] = BigInt(this.slotSize);
      header[(slot * MMSGHDR_SIZE + MSG_IOV) / 8] = vectorsAddress + BigInt(slot * IOVEC_SIZE);
      header[(slot * MMSGHDR_SIZE + MSG_IOVLEN) / 8] = 1n;
      this.#views.push(new Uint8Array(this.#memory, slot * this.slotSize, this.slotSize));
    }
    this.#lengths = new Uint32Array(this.#vectors);
    this.#headers = new Uint32Array(headers);
    this.#headersAddress = addressOf(new Uint8Array(headers));
  }

  /** Fills slots from the first on; returns how many, or -1 with errno set. Never waits. */
  receive(fd: number): number {
    return recvmmsg(fd, this.#headersAddress, this.slots, MSG_DONTWAIT, null);
  }

  /** Sends `count` slots from `first` on; returns how many left, or -1 with errno set. Never waits. */
  send(fd: number, first: number, count: number): number {
    return sendmmsg(fd, this.#headersAddress + BigInt(first * MMSGHDR_SIZE), count, MSG_DONTWAIT);
  }

  /** As `receive`, for a descriptor that gives one message a read, such as a TAP device. */
  receiveByRead(fd: number): number {
    for (let slot = 0; slot < this.slots; slot++) {
      const length = read(fd, this.#slotAddresses[slot] ?? 0n, this.slotSize);
      if (length < 0) return slot > 0 ? slot : -1;
      this.#headers[slot * MMSGHDR_WORDS + MSG_LEN_WORD] = length;
    }
    return this.slots;
  }

  /** As `send`, for a descriptor that takes one message a write. */
  sendByWrite(fd: number, first: number, count: number): number {
    for (let slot = first; slot < first + count; slot++) {
      const length = this.#lengths[slot * IOVEC_WORDS + IOV_LEN_WORD] ?? 0;
      if (write(fd, this.#slotAddresses[slot] ?? 0n, length) < 0) return slot > first ? slot - first : -1;
    }
    return count;
  }

  /** Length of the message received in `slot`. */
  receivedLength(slot: number): number {
    return this.#headers[slot * MMSGHDR_WORDS + MSG_LEN_WORD] ?? 0;
  }

  /** True when the message received in `slot` was longer than the slot. */
  wasTruncated(slot: number): boolean {
    return ((this.#headers[slot * MMSGHDR_WORDS + MSG_FLAGS_WORD] ?? 0) & MSG_TRUNC) !== 0;
  }

  /** How much of `slot` to send. */
  setLength(slot: number, length: number): void {
    this.#lengths[slot * IOVEC_WORDS + IOV_LEN_WORD] = length;
  }

  /** The first `length` octets of `slot`; the view may be one given out before. */
  view(slot: number, length: number): Uint8Array {
    const cached = this.#views[slot];
    if (cached !== undefined && cached.length === length) return cached;
    const view = new Uint8Array(this.#memory, slot * this.slotSize, length);
    this.#views[slot] = view;
    return view;
  }
}

const MSG_DONTWAIT = 0x40;
const MSG_TRUNC = 0x20;

// struct iovec { void *base; size_t length; }
const IOVEC_SIZE = 16;
const IOVEC_WORDS = IOVEC_SIZE / 4;
const IOV_LEN_WORD = 2;

// struct mmsghdr { struct msghdr { name, namelen, iov, iovlen, control, controllen, flags }; unsigned length; }
const MMSGHDR_SIZE = 64;
const MMSGHDR_WORDS = MMSGHDR_SIZE / 4;
const MSG_IOV = 16;
const MSG_IOVLEN = 24;
const MSG_FLAGS_WORD = 48 / 4;
const MSG_LEN_WORD = 56 / 4;
