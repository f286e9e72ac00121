const LINE = /^\s+0x([0-9a-f]{4,}):\s{1,2}((?:[0-9a-f]{2,4} ?)+)/;

/** The octets of a packet from the IP header on, as -x and -X print them below it. */
export class HexDump {
  private readonly octets: number[] = [];

  static isLine(line: string): boolean {
    return LINE.test(line);
  }

  add(line: string): void {
    const groups = LINE.exec(line)?.[2] ?? '';
    for (const group of groups.trim().split(/\s+/)) {
      for (let at = 0; at + 1 < group.length; at += 2)
        this.octets.push(parseInt(group.slice(at, at + 2), 16));
    }
  }

  /** Payload of the TCP segment, where the dump holds all `length` octets of it. */
  payload(length: number): Uint8Array | undefined {
    const version = (this.octets[0] ?? 0) >> 4;
    const ip = version === 4 ? ((this.octets[0] ?? 0) & 15) * 4 : version === 6 ? 40 : undefined;
    if (ip === undefined) return undefined;
    const start = ip + ((this.octets[ip + 12] ?? 0) >> 4) * 4;
    if (start < ip + 20 || this.octets.length < start + length) return undefined;
    return Uint8Array.from(this.octets.slice(start, start + length));
  }
}
