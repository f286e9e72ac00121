import { expect, test } from '@jest/globals';
import { FieldCatalogue } from '../../../harness/dissect/field-catalogue.js';

test('many may ask at once, and each gets its own answer', async () => {
  const catalogue = new FieldCatalogue();
  const answers = await Promise.allSettled([
    catalogue.typed(['ip.id', 'tcp.len']),
    catalogue.typed(['tcp.lne']),
    catalogue.typed(['ip.id']),
    catalogue.typed(['tcp.len', 'tcp.stream']),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  expect(answers[2]).toMatchObject({ value: [{ name: 'ip.id', type: 'FT_UINT16' }] });
  expect(answers[3]).toMatchObject({
    value: [{ name: 'tcp.len' }, { name: 'tcp.stream', type: 'FT_UINT32' }],
  });
  expect(answers[1]).toMatchObject({ reason: { subject: 'tcp.lne' } });
}, 60_000);
