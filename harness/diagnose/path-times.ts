/** Round-trip times from the capture point, s; undefined while unknown. */
export interface PathTimes {
  /** Capture point to the sender of the data and back. */
  toSender: number | undefined;
  /** Capture point to the receiver and back. */
  toReceiver: number | undefined;
}
