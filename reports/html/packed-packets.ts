import type { PacketRow } from '../../harness/run/results.js';

/**
 * Packets as rows of values under one list of names; columns that are the same in all rows stand once, addresses and
 * ports once per end. A fifth of the octets of plain objects.
 */
export interface PackedPackets {
  names: string[];
  rows: unknown[][];
  /** Values that all packets share. */
  common: Record<string, unknown>;
  /** Values that all packets of one end share. */
  ends: { client?: Record<string, unknown>; server?: Record<string, unknown> };
}

export function packPackets(packets: readonly PacketRow[]): PackedPackets {
  const names = [...new Set(packets.flatMap((packet) => Object.keys(packet)))];
  const client = packets.filter(({ from }) => from === 'client');
  const server = packets.filter(({ from }) => from === 'server');
  const common = packets.length > 1 ? shared(packets, names) : {};
  const rest = names.filter((name) => !(name in common) && name !== 'from');
  const [ofClient, ofServer] = [shared(client, rest), shared(server, rest)];
  const byEnd = rest.filter((name) => inBoth(name, client, ofClient) && inBoth(name, server, ofServer));
  const columns = names.filter((name) => !(name in common) && !byEnd.includes(name));
  return {
    names: columns,
    rows: packets.map((packet) => columns.map((name) => packet[name as keyof PacketRow] ?? null)),
    common,
    ends: { client: pick(ofClient, byEnd), server: pick(ofServer, byEnd) },
  };
}

export function unpackPackets({ names, rows, common, ends }: PackedPackets): PacketRow[] {
  return rows.map((row) => {
    const own: Record<string, unknown> = {};
    for (const [index, name] of names.entries()) if (row[index] !== null) own[name] = row[index];
    const from = own['from'] ?? common['from'];
    return { ...common, ...(from === 'client' ? ends.client : ends.server), ...own } as unknown as PacketRow;
  });
}

function shared(packets: readonly PacketRow[], names: string[]): Record<string, unknown> {
  const first = packets[0];
  if (first === undefined) return {};
  const same = names.filter((name) => {
    const value = JSON.stringify(first[name as keyof PacketRow]);
    return (
      value !== undefined &&
      packets.every((packet) => JSON.stringify(packet[name as keyof PacketRow]) === value)
    );
  });
  return pick(first as unknown as Record<string, unknown>, same);
}

function inBoth(name: string, packets: PacketRow[], values: Record<string, unknown>): boolean {
  return packets.length === 0 || name in values;
}

function pick(values: Record<string, unknown>, names: string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => name in values).map((name) => [name, values[name]]));
}
