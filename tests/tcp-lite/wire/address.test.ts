import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  AddressError,
  addressOctets,
  canonicalAddress,
  ipv6Text,
  macOctets,
  macText,
} from '../../../tcp-lite/wire/address.js';

test.each([
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['0:0:0:0:0:0:0:0', '::'],
  ['fd00:0:0:0:0:0:0:1', 'fd00::1'],
  ['1:0:0:0:0:0:0:0', '1::'],
  ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ['010.0.0.1', '10.0.0.1'],
])('%s is written %s (RFC 5952)', (text, canonical) => {
  expect(canonicalAddress(text)).toBe(canonical);
});

test.each([
  '',
  '10.0.0',
  '10.0.0.256',
  '10.0.0.1/24',
  'fd00::1::2',
  '1:2:3:4:5:6:7',
  ':::',
  '1:2:3:4:5:6:7:8::',
  'g::1',
])('%p is refused', (text) => {
  expect(() => addressOctets(text)).toThrow(AddressError);
});

test('text and octets of any IPv6 address round-trip', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(0, 0, 1, 0x10, 0xff), { minLength: 16, maxLength: 16 }),
      (octets) => {
        expect([...addressOctets(ipv6Text(Uint8Array.from(octets), 0))]).toEqual(octets);
      },
    ),
  );
});

test('MAC addresses round-trip and nonsense is refused', () => {
  expect(macText(macOctets('02:0:A:b:00:ff'))).toBe('02:00:0a:0b:00:ff');
  expect(() => macOctets('02:00:00:00:00')).toThrow('"02:00:00:00:00" is not a MAC address');
});
