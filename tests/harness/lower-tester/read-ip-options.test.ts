import { describe, expect, test } from '@jest/globals';
import { readIpv4Options } from '../../../harness/lower-tester/read-ip-options.js';

/** A header from 10.0.0.2 to 10.0.0.50 with these options behind it. */
function header(options: string): Uint8Array {
  const octets = Buffer.from(options.replaceAll(' ', ''), 'hex');
  const start = Buffer.from('45000014000000004006'.concat('0000', '0a000002', '0a000032'), 'hex');
  start[0] = 0x40 | (5 + octets.length / 4);
  return Buffer.concat([start, octets]);
}

describe('options of an IPv4 header, as tshark tells them', () => {
  test('none', () => {
    expect(readIpv4Options(header(''), 0)).toEqual({
      fields: { 'ip.hdr_len': ['20'] },
      destination: '10.0.0.50',
    });
  });

  test('a source route still to go: the destination is the last of it', () => {
    expect(readIpv4Options(header('83 0b 04 0a000033 0a000001 00'), 0)).toEqual({
      fields: {
        'ip.hdr_len': ['32'],
        'ip.opt.type': ['131', '0'],
        'ip.opt.type.number': ['3', '0'],
        'ip.opt.len': ['11'],
        'ip.opt.ptr': ['4'],
        'ip.cur_rt': ['10.0.0.50'],
        'ip.src_rt': ['10.0.0.51'],
      },
      destination: '10.0.0.1',
    });
  });

  test('a source route that is completed: the destination is the header’s', () => {
    expect(readIpv4Options(header('01 83 07 08 0a000033'), 0)).toEqual({
      fields: {
        'ip.hdr_len': ['28'],
        'ip.opt.type': ['1', '131'],
        'ip.opt.type.number': ['1', '3'],
        'ip.opt.len': ['7'],
        'ip.opt.ptr': ['8'],
        'ip.rec_rt': ['10.0.0.51'],
      },
      destination: '10.0.0.50',
    });
  });

  test('lengths that cannot be end the reading', () => {
    for (const options of ['83000000', '83ff0400', '83030400', '83020000', '1e000000']) {
      expect(readIpv4Options(header(options), 0).destination).toBe('10.0.0.50');
    }
  });
});
