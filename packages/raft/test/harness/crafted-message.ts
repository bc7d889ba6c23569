import {
  type Entry,
  emptyConfiguration,
  entryKinds,
  foundingBase,
  frameEntry,
  logIndex,
  type Message,
  noOrigin,
  term,
} from '../../src/index.ts';
import { testChecksum } from './scenario-member.ts';

const encoder = new TextEncoder();

const defaults: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  append: { entries: [], commit: 0, previousIndex: 0, previousTerm: 0 },
  'append-accepted': { quarantined: false, lastIndex: 0 },
  'append-rejected': { quarantined: false, lastIndex: 0, hintIndex: 0, hintTerm: 0 },
  heartbeat: { commit: 0, round: 1, lostPromise: false },
  'heartbeat-answer': { quarantined: false, round: 1, supportedFeatureLevel: 1, diskLow: false },
  'pre-vote-request': { lastIndex: 0, lastTerm: 0 },
  'vote-request': { lastIndex: 0, lastTerm: 0, transfer: false },
  'vote-answer': { granted: false },
  'pre-vote-answer': { granted: false },
};

/**
 * A message that no member of the scenario sent. Fields are `name=value`; entries are written `entry=INDEX/TERM/TEXT`, or with a number for the
 * kind, `entry=INDEX/TERM/#9`; the base of a snapshot `index=N indexTerm=T`; a chunk `data=TEXT`.
 */
export function craftMessage(kind: string, envelope: Record<string, unknown>, fields: readonly string[]): Message {
  const message: Record<string, unknown> = { kind, ...envelope, ...defaults[kind] };
  const entries: Entry[] = [];
  const base = { index: 0, indexTerm: 0 };
  for (const field of fields) {
    const [name = '', value = ''] = field.split('=');
    if (name === 'entry') entries.push(parseEntry(value));
    else if (name === 'index' || name === 'indexTerm') base[name] = Number(value);
    else if (name === 'data') Object.assign(message, chunkOf(value));
    else if (value === 'true' || value === 'false') message[name] = value === 'true';
    else message[name] = Number(value);
  }
  if (kind === 'append') message['entries'] = entries;
  if (kind === 'snapshot-offer') {
    const { index, indexTerm } = base;
    message['snapshot'] = {
      snapshotId: message['snapshotId'],
      base: { ...foundingBase(emptyConfiguration), index, term: indexTerm },
    };
  }
  return message as unknown as Message;
}

function chunkOf(text: string): { readonly data: Uint8Array; readonly checksum: number } {
  const data = encoder.encode(text);
  return { data, checksum: testChecksum(data) };
}

function parseEntry(text: string): Entry {
  const [index, entryTerm, content = ''] = text.split('/');
  const kind = content.startsWith('#') ? Number(content.slice(1)) : entryKinds.command;
  const place = { index: logIndex(Number(index)), term: term(Number(entryTerm)), kind };
  return frameEntry(place, noOrigin, encoder.encode(content), testChecksum);
}
