import {
  arpRequest,
  ether,
  etherIp,
  icmpError,
  ipPacket,
  ipTcp,
  tcpFrame,
  tcpSegment,
} from './pcap-builder.js';

/** One of everything that a dissector of TCP may meet; a comment says what each is for. */
export function oddFrames(): Uint8Array[] {
  return [
    // 1-7: a connection with options, data longer than what sharkd shows, a retransmission, SACK in 40 octets.
    tcpFrame({ ...CLIENT, seq: 1000000, flags: 2, options: SYN_OPTIONS, dontFragment: true, ipId: 0x1234 }),
    tcpFrame({ ...SERVER, seq: 500000, ack: 1000001, flags: 0x12, options: SYN_OPTIONS, dscp: 46, ecn: 1 }),
    tcpFrame({ ...CLIENT, seq: 1000001, ack: 500001 }),
    tcpFrame({
      ...CLIENT,
      seq: 1000001,
      ack: 500001,
      flags: 0x18,
      payload: 'GET / HTTP/1.1\r\nHost: a,b\r\n\r\n',
    }),
    tcpFrame({ ...SERVER, seq: 500001, ack: 1000030, flags: 0x18, payload: ascending(1460) }),
    tcpFrame({ ...SERVER, seq: 500001, ack: 1000030, flags: 0x18, payload: ascending(1460) }),
    tcpFrame({ ...CLIENT, seq: 1000030, ack: 501461, options: [1, 1, ...sack(505000, 4), 1, 1, 1, 1] }),
    // 8-11: not TCP, and ICMP that quotes TCP whole, in part, and over IPv6.
    arpRequest('10.0.0.1', '10.0.0.9'),
    etherIp(unreachable(4, 1400, ipTcp({ ...CLIENT, seq: 7, payload: 'quoted' }))),
    etherIp(unreachable(3, 0, ipTcp({ ...CLIENT, seq: 7, payload: 'quoted' }).subarray(0, 28))),
    etherIp(
      icmpError({
        src: 'fd00::9',
        dst: 'fd00::1',
        type: 2,
        code: 0,
        mtu: 1280,
        quoted: ipTcp({ ...CLIENT6, seq: 7 }),
      }),
    ),
    // 12-13: IPv6; two VLAN tags.
    tcpFrame({ ...CLIENT6, seq: 5, flags: 2, payload: 'six', dscp: 10, ecn: 2 }),
    etherIp(ipTcp({ ...CLIENT, srcPort: 1, seq: 9, payload: ascending(104) }), [5, 6]),
    // 14-18: a wrong checksum; a header cut by the capture, by IP; data offsets below 20 and beyond the segment.
    tcpFrame({ ...CLIENT, srcPort: 2, checksum: 0x1234 }),
    tcpFrame({ ...CLIENT, srcPort: 3 }).subarray(0, 44),
    etherIp(cutSegment(12)),
    tcpFrame({ ...CLIENT, srcPort: 5, headerLen: 8 }),
    tcpFrame({ ...CLIENT, srcPort: 6, headerLen: 60 }),
    // 19-20: two fragments.
    ...fragments(),
    // 21-22: TCP in IPv4 in IPv4, in IPv6 in IPv4.
    etherIp(tunnel(4, ipTcp({ ...CLIENT, srcPort: 8, seq: 3, payload: ascending(60) }))),
    etherIp(tunnel(41, ipTcp({ ...CLIENT6, srcPort: 8, seq: 3, payload: ascending(60) }))),
    // 23-24: every flag; none, with options of wrong lengths.
    tcpFrame({ ...CLIENT, srcPort: 9, flags: 0xfff, window: 0, urgent: 5 }),
    tcpFrame({
      ...CLIENT,
      srcPort: 10,
      flags: 0,
      options: [2, 3, 1, 1, 254, 6, 0xf9, 0x89, 1, 2, 3, 2, 1, 1, 8, 0],
    }),
    // 25-26: an unknown EtherType; options that Wireshark gives to protocols of their own.
    ether(0x88b5, new Uint8Array(60)),
    tcpFrame({
      ...CLIENT,
      srcPort: 11,
      flags: 2,
      seq: 1,
      options: [34, 2, 30, 12, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1],
    }),
    // 27: padding of Ethernet behind a short packet.
    Uint8Array.from([...tcpFrame({ ...CLIENT, srcPort: 12, seq: 4, payload: 'x' }), 0xaa, 0xbb, 0xcc]),
  ];
}

const CLIENT = { src: '10.0.0.1', dst: '10.0.0.2', srcPort: 12345, dstPort: 8080 };
const SERVER = { src: '10.0.0.2', dst: '10.0.0.1', srcPort: 8080, dstPort: 12345 };
const CLIENT6 = { ...CLIENT, src: 'fd00::1', dst: 'fd00::2' };

/** MSS 1460, SACK permitted, timestamps, NOP, window scale 7. */
const SYN_OPTIONS = [2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7];

function ascending(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i & 0xff);
}

function sack(first: number, blocks: number): number[] {
  const edge = (value: number): number[] => [
    value >>> 24,
    (value >>> 16) & 0xff,
    (value >>> 8) & 0xff,
    value & 0xff,
  ];
  const edges = Array.from({ length: blocks }, (_, i) => [
    ...edge(first + i * 1000),
    ...edge(first + i * 1000 + 500),
  ]);
  return [5, 2 + blocks * 8, ...edges.flat()];
}

function unreachable(code: number, mtu: number, quoted: Uint8Array): Uint8Array {
  return icmpError({ src: '10.0.0.9', dst: '10.0.0.1', type: 3, code, mtu, quoted });
}

function cutSegment(length: number): Uint8Array {
  const segment = tcpSegment('10.0.0.1', '10.0.0.2', { ...CLIENT, srcPort: 4 });
  return ipPacket({ src: '10.0.0.1', dst: '10.0.0.2', protocol: 6, body: segment.subarray(0, length) });
}

function fragments(): Uint8Array[] {
  const spec = { ...CLIENT, srcPort: 7, seq: 77, flags: 0x18, payload: ascending(80) };
  const segment = tcpSegment('10.0.0.1', '10.0.0.2', spec);
  const common = { src: '10.0.0.1', dst: '10.0.0.2', protocol: 6, ipId: 9 };
  return [
    etherIp(ipPacket({ ...common, body: segment.subarray(0, 48), moreFragments: true })),
    etherIp(ipPacket({ ...common, body: segment.subarray(48), fragmentOffset: 6 })),
  ];
}

function tunnel(protocol: number, body: Uint8Array): Uint8Array {
  return ipPacket({ src: '192.0.2.1', dst: '192.0.2.2', protocol, body });
}
