import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeArp, encodeArp } from '../../../tcp-lite/wire/arp.js';
import { decodeIcmpError, encodeIcmp, ICMPV4, ICMPV6, verifyIcmp } from '../../../tcp-lite/wire/icmp.js';
import { IpPacket } from '../../../tcp-lite/wire/ip-packet.js';
import { decodeIpv4 } from '../../../tcp-lite/wire/ipv4.js';
import { decodeIpv6 } from '../../../tcp-lite/wire/ipv6.js';
import {
  decodeNeighbour,
  encodeNeighbour,
  multicastMac,
  solicitedNodeAddress,
} from '../../../tcp-lite/wire/neighbour-discovery.js';
import { encodedLength, encodeSegment } from '../../../tcp-lite/wire/tcp.js';
import { macText } from '../../../tcp-lite/wire/address.js';
import { segments } from './arbitraries.js';

const buffer = new Uint8Array(2048);

function open(length: number, version: 4 | 6): IpPacket {
  const packet = new IpPacket();
  expect((version === 4 ? decodeIpv4 : decodeIpv6)(buffer, 0, length, packet)).toBeUndefined();
  expect(verifyIcmp(buffer, packet)).toBeUndefined();
  return packet;
}

test('an error is matched to the segment it quotes, however much of it is quoted', () => {
  fc.assert(
    fc.property(segments(), fc.nat({ max: 300 }), fc.nat({ max: 65535 }), (segment, more, mtu) => {
      const quoted = new Uint8Array(encodedLength(segment));
      encodeSegment(segment, quoted, 0);
      const v4 = segment.version === 4;
      const least = (v4 ? 20 : 40) + 8;
      const length = encodeIcmp(
        {
          version: segment.version,
          src: v4 ? '192.0.2.1' : 'fd00::ffff',
          dst: segment.src,
          type: v4 ? ICMPV4.unreachable : ICMPV6.packetTooBig,
          code: v4 ? 4 : 0,
          rest: mtu,
          body: quoted.subarray(0, least + more),
        },
        buffer,
        0,
      );
      const { version, src, dst, srcPort, dstPort, seq } = segment;
      expect(decodeIcmpError(buffer, open(length, version))).toEqual({
        ...{ version, src, dst, srcPort, dstPort, seq, mtu },
        type: v4 ? 3 : 2,
        code: v4 ? 4 : 0,
      });
    }),
  );
});

test('a quote without the sequence number is refused', () => {
  const body = new Uint8Array(27);
  body[0] = 0x45;
  body[9] = 6;
  const length = encodeIcmp(
    { version: 4, src: '10.0.0.9', dst: '10.0.0.1', type: 11, code: 0, rest: 0, body },
    buffer,
    0,
  );
  expect(decodeIcmpError(buffer, open(length, 4))).toBe('icmp-malformed');
});

test('a changed octet is found by the checksum', () => {
  const message = { src: 'fd00::1', dst: 'fd00::2', type: 1, code: 4, rest: 0, body: new Uint8Array(48) };
  const length = encodeIcmp({ version: 6, ...message }, buffer, 0);
  const packet = open(length, 6);
  buffer[50]! ^= 1;
  expect(verifyIcmp(buffer, packet)).toBe('icmp-bad-checksum');
});

test('neighbour messages round-trip and foreign hop limits are refused', () => {
  const solicitation = {
    kind: 'solicitation' as const,
    src: 'fd00::1',
    dst: solicitedNodeAddress('fd00::12:3456'),
    target: 'fd00::12:3456',
    mac: Uint8Array.from([2, 0, 0, 0, 0, 1]),
  };
  expect(solicitation.dst).toBe('ff02::1:ff12:3456');
  expect(macText(multicastMac(solicitation.dst))).toBe('33:33:ff:12:34:56');
  expect(decodeNeighbour(buffer, open(encodeNeighbour(solicitation, buffer, 0), 6))).toEqual(solicitation);
  const advertisement = {
    ...solicitation,
    kind: 'advertisement' as const,
    dst: 'fd00::1',
    ...{ solicited: true, override: false },
  };
  const packet = open(encodeNeighbour(advertisement, buffer, 0), 6);
  expect(decodeNeighbour(buffer, packet)).toEqual(advertisement);
  packet.ttl = 64;
  expect(decodeNeighbour(buffer, packet)).toBe('icmp-malformed');
});

test('ARP round-trips', () => {
  const packet = {
    operation: 'request' as const,
    senderMac: Uint8Array.from([2, 0, 0, 0, 0, 1]),
    senderAddress: '10.0.0.1',
    targetMac: new Uint8Array(6),
    targetAddress: '10.0.0.2',
  };
  expect(decodeArp(buffer, 5, encodeArp(packet, buffer, 5))).toEqual(packet);
  expect(decodeArp(buffer, 5, 32)).toBe('arp-malformed');
});
