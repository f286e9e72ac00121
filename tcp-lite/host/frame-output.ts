/** Where a host writes frames: a FrameDevice, or anything else with room for them. */
export interface FrameOutput {
  /** Octets of IP packet that a frame may carry. */
  readonly mtu: number;
  /** Room for a frame of up to `maxLength` octets, valid until the next call. */
  reserve(maxLength: number): Uint8Array;
  /** Sends the first `length` octets of what `reserve` gave, now or soon. */
  commit(length: number): void;
}
