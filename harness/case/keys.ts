/** Structure keys of expect items and steps: every other key there describes the packet. */
export const ITEM_KEYS: readonly string[] = ['let', 'times', 'optional', 'within', 'after', 'count', 'label'];

/** Keys that say what an item of `expect:` is. One of them stands in each item. */
export const EXPECT_HEADS = ['client', 'server', 'any-order', 'one-of', 'quiet'] as const;

/** Keys that say what a step of a scripted case is. One of them stands in each step. */
export const STEP_HEADS = [
  'send',
  'expect',
  'quiet',
  'wait',
  'iut',
  'icmp',
  'any-order',
  'one-of',
  'note',
] as const;

/** Steps that do something: behind the first of them an alternative of a choice is decided. */
export const ACT_HEADS: readonly string[] = ['send', 'wait', 'iut', 'icmp', 'note'];

export const CASE_KEYS = [
  'id',
  'title',
  'purpose',
  'covers',
  'level',
  'tags',
  'on',
  'families',
  'needs',
  'lab',
  'findings',
  'never',
  'admit',
  'mode',
  'table',
  'client',
  'server',
  'expect',
  'iut',
  'start',
  'steps',
] as const;

/** Keys of a case that a column of its table may set, row by row. */
export const ROW_KEYS: readonly string[] = [
  'title',
  'purpose',
  'covers',
  'level',
  'tags',
  'on',
  'families',
  'needs',
  'findings',
  'admit',
  'mode',
];

export const STATES = [
  'CLOSED',
  'LISTEN',
  'SYN-SENT',
  'SYN-RECEIVED',
  'ESTABLISHED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'CLOSE-WAIT',
  'CLOSING',
  'LAST-ACK',
  'TIME-WAIT',
] as const;
