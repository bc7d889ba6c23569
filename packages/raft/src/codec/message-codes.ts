import type { MessageKind, ProposalRefusal, SnapshotProgress } from '../contract/message.ts';

/** First byte of every message. */
export const messageLayoutVersion = 1;

/** Second byte. Numbers are never reused. */
export const messageCodes: Readonly<Record<MessageKind, number>> = {
  'pre-vote-request': 1,
  'pre-vote-answer': 2,
  'vote-request': 3,
  'vote-answer': 4,
  append: 5,
  'append-accepted': 6,
  'append-rejected': 7,
  heartbeat: 8,
  'heartbeat-answer': 9,
  'snapshot-offer': 10,
  'snapshot-chunk': 11,
  'snapshot-progress': 12,
  'read-request': 13,
  'read-answer': 14,
  forward: 15,
  'forward-refused': 16,
  'campaign-now': 17,
  'newer-term': 18,
  removed: 19,
  'commit-notice': 20,
};

export const statusCodes: Readonly<Record<SnapshotProgress['status'], number>> = {
  continue: 1,
  installed: 2,
  unneeded: 3,
};

export const refusalCodes: Readonly<Record<ProposalRefusal, number>> = {
  'no-leader': 1,
  'not-leader': 2,
  busy: 3,
  'too-large': 4,
  'disk-full': 5,
  transferring: 6,
};

/** The key whose code this is, or undefined. */
export function keyOf<K extends string>(codes: Readonly<Record<K, number>>, code: number): K | undefined {
  for (const key in codes) if (codes[key] === code) return key;
  return undefined;
}
