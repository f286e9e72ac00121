import { z } from 'zod';

import { CORRUPTIONS, KINDS, RATE, RESET_TARGETS, SHARE, STRIPPED } from './impair.js';
import { duration, unsigned } from './schema-packet.js';

const bare = z.union([z.literal(true), z.null()]);
const port = z.int().min(1).max(65535);
const nth = z.union([z.int().min(1), z.string().regex(/^(\d{1,9}(\.\.\d{1,9})?|>=\s*\d{1,9})$/)]);

/** One entry of `impair`: which packets, and what happens to them. */
const impairment = z.strictObject({
  from: z
    .enum(['client', 'server'])
    .describe('The end that sent the packet; either when not given')
    .optional(),
  packets: z
    .union([z.enum(KINDS), z.array(z.enum(KINDS)).min(1)])
    .describe('Kinds of packets, any when not given; data is what the end had not sent before')
    .optional(),
  nth: z
    .union([nth, z.array(nth).min(1)])
    .describe('Which of them, counted from 1 for each end of each connection: 3, "10..42", ">=4"')
    .optional(),
  port: port.describe('Port of either end').optional(),
  'longer-than': z.int().min(20).max(65535).describe('Only IP packets of more octets').optional(),
  drop: bare.describe('They are lost').optional(),
  lose: z.string().regex(SHARE).describe('This share of them is lost at random: 5%').optional(),
  delay: duration.describe('They take so much longer').optional(),
  jitter: duration.describe('Beside delay: so much more or less, at random').optional(),
  seed: unsigned(32).describe('Beside lose and delay: the same seed, the same packets').optional(),
  duplicate: z
    .union([bare, z.int().min(1).max(100)])
    .describe('They come twice, or with so many copies')
    .optional(),
  reorder: z
    .union([bare, z.int().min(1).max(1000)])
    .describe('So many later packets of the same end overtake them; one when not given')
    .optional(),
  corrupt: z.enum(CORRUPTIONS).describe('The checksum no longer fits').optional(),
  truncate: z.int().min(1).max(65535).describe('Their IP packets end after so many octets').optional(),
  rate: z.string().regex(RATE).describe('The link takes so many bits a second: 64kbit, 1.5mbit').optional(),
  queue: z
    .int()
    .min(1)
    .max(10_000)
    .describe('Beside rate: so many packets wait, the others are lost')
    .optional(),
  strip: z
    .union([z.enum(STRIPPED), z.array(z.enum(STRIPPED)).min(1)])
    .describe('These options are overwritten with NOPs')
    .optional(),
  'clamp-mss': port.describe('The MSS option is lowered to this').optional(),
  reset: z
    .union([
      bare,
      z.strictObject({
        to: z.enum(RESET_TARGETS).describe('Who gets the reset; both when not given').optional(),
        ttl: z.int().min(1).max(255).describe('TTL of the reset; 255 when not given').optional(),
        swallow: z.boolean().describe('The packet itself does not go on').optional(),
      }),
    ])
    .describe('A box on the way resets the connection in the name of the other end')
    .optional(),
  translate: z
    .strictObject({
      port: port.describe('Port to which the client sends'),
      to: port.describe('Port at which the server gets it'),
    })
    .describe('A NAT: the client uses one port, the server another')
    .optional(),
  hops: z.int().min(1).max(255).describe('So many routers count down TTL or hop limit').optional(),
});

export const lab = z.strictObject({
  'kernel-rst': z
    .enum(['drop', 'allow'])
    .describe("Whether the kernel's resets for addresses it shares with a user-space stack are dropped")
    .optional(),
  mtu: z.int().min(68).max(65535).describe('MTU of the link, octets').optional(),
  capture: z
    .enum(['client', 'server', 'both'])
    .describe('The end at which packets are captured and judged; both keeps both and judges the client end')
    .optional(),
  impair: z
    .union([impairment, z.array(impairment)])
    .describe('What a relay between the ends does to packets, in the order in which it is applied')
    .optional(),
});
