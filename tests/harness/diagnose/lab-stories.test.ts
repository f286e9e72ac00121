import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../../harness/diagnose/index.js';
import { Talk } from '../../support/talk.js';

// Stories that the field cases of the lab play, as far as they went wrong in the diagnosis once.

const idsOf = (talk: Talk) => diagnose(talk.packets)[0]?.findings.map(({ id }) => id);
const STAMPED = { kinds: [1, 1, 8], timestamp: { value: 0, echoReply: 7 } };

describe("the resets with which a peer answers what comes after a kernel's reset", () => {
  const interfered = () =>
    new Talk()
      .client('SYN', { df: false })
      .server('SYN,ACK')
      .client('RST', { seq: 1, win: 0, id: 0 })
      .client('ACK', { ack: 1 })
      .client('PSH,ACK', { payload: 'Hello, Server!' });

  test('are its consequence, whether they carry options or not', () => {
    const talk = interfered()
      .server('RST', { seq: 1, win: 0, id: 0, options: STAMPED })
      .server('RST', { seq: 1, win: 0, id: 0, options: STAMPED });
    expect(idsOf(talk)).toEqual(['kernel-reset']);
  });

  test('but a reset that answers nothing is one of its own', () => {
    const talk = interfered().server('RST,ACK', { seq: 1, ack: 15, win: 0, after: 500 });
    expect(idsOf(talk)).toContain('kernel-reset');
    expect(idsOf(talk)).toHaveLength(2);
  });
});

describe('a SYN,ACK behind the ACK', () => {
  const opened = () =>
    new Talk().client('SYN').client('SYN', { seq: 0, after: 1000 }).server('SYN,ACK').client('ACK');

  test('answers the second SYN where there was one', () => {
    const talk = opened()
      .server('SYN,ACK', { seq: 0, after: 50 })
      .client('ACK')
      .client('PSH,ACK', { len: 5 });
    expect(idsOf(talk)).toContain('syn-repeated');
    expect(idsOf(talk)).not.toContain('accept-queue-full');
  });

  test('means a full queue where no SYN asked for it', () => {
    const talk = opened();
    for (const after of [1000, 2000]) talk.server('SYN,ACK', { seq: 0, after }).client('ACK');
    expect(idsOf(talk)).toContain('accept-queue-full');
  });
});

describe('a window scale that only the SYN,ACK lost', () => {
  const WS = { kinds: [3], windowScale: 10 };
  const crawl = (synAck: object, windows: number[]) => {
    const talk = new Talk()
      .client('SYN', { options: WS })
      .server('SYN,ACK', { win: 65_160, ...synAck })
      .client('ACK');
    talk.client('PSH,ACK', { len: 1000 }).server('ACK', { win: windows[0] ?? 0 });
    // Each time the sender waits for more room, and then takes what there is.
    windows.slice(1).forEach((win, before) => {
      talk.client('PSH,ACK', { len: windows[before] ?? 0, after: 210 }).server('ACK', { win });
    });
    return talk;
  };

  test('is told by windows that are tiny at once, and the client is not to blame', () => {
    const ids = idsOf(crawl({}, [67, 70, 75, 75, 75]));
    expect(ids).toContain('window-scale-lost');
    expect(ids).not.toContain('slow-client');
  });

  test('not by two windows, nor by windows half as large, nor where the option arrived', () => {
    expect(idsOf(crawl({}, [67, 70]))).not.toContain('window-scale-lost');
    expect(idsOf(crawl({}, [1000, 32_580, 32_580, 32_580]))).not.toContain('window-scale-lost');
    expect(idsOf(crawl({ options: WS }, [67, 70, 75, 75]))).not.toContain('window-scale-lost');
  });
});

test('a reset does not open a closed window', () => {
  const talk = new Talk()
    .client('SYN')
    .server('SYN,ACK')
    .client('ACK')
    .client('PSH,ACK', { len: 1000 })
    .server('ACK', { win: 0 })
    .server('RST,ACK', { win: 0, after: 1900 });
  const finding = diagnose(talk.packets)[0]?.findings.find(({ id }) => id === 'zero-window');
  expect(finding?.explanation).toContain('until frame 6 ended the connection');
});
