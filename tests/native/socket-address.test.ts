import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseSocketAddress, socketAddress } from '../../native/socket-address.js';

const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex');

test('lays addresses out as the kernel reads them', () => {
  expect(hex(socketAddress('10.0.0.2', 8080))).toBe('02001f900a0000020000000000000000');
  expect(hex(socketAddress('fd00::2', 8080))).toBe(`0a001f9000000000fd00${'00'.repeat(13)}0200000000`);
  expect(hex(socketAddress('::ffff:10.0.0.2', 1)).slice(16, 48)).toBe('00000000000000000000ffff0a000002');
});

test('reads back every address and port', () => {
  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV6().map((text) => new URL(`http://[${text}]`).hostname.slice(1, -1)),
  );
  fc.assert(
    fc.property(address, fc.nat(65_535), (text, port) => {
      expect(parseSocketAddress(socketAddress(text, port))).toEqual({ address: text, port });
    }),
  );
});

test('refuses what is no address or port', () => {
  expect(() => socketAddress('localhost', 1)).toThrow("'localhost' is not an IP address");
  expect(() => socketAddress('fe80::1%eth0', 1)).toThrow("'fe80::1%eth0' is not an IP address");
  expect(() => socketAddress('10.0.0.1', 65_536)).toThrow('65536 is not a port');
  expect(() => parseSocketAddress(new Uint8Array(28))).toThrow('address family 0 is neither IPv4 nor IPv6');
});
