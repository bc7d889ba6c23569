import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { emptyConfiguration, entryKinds, foundingBase, frameEntry, type LogBase, logIndex, term } from '@berth/raft';
import { realWorld } from '@berth/world';
import { AppliedState } from '../src/embedded/applied-state.ts';
import { SnapshotSource } from '../src/snapshot/snapshot-source.ts';
import { encodeCommand } from '../src/state/command.ts';
import { StateDatabase } from '../src/state/state-database.ts';
import { StateMachine } from '../src/state/state-machine.ts';
import { freshStart } from '../src/state/state-writer.ts';

export const keysInUse = 50;

export interface StateInUse {
  readonly state: AppliedState;
  /** Writes each key once, as transactions of their own. */
  readonly write: (round: number) => void;
  readonly writeKey: (round: number, key: number) => void;
}

/** `eraBytes`: see `HistoryEras`. */
export async function openState(path: string, eraBytes?: number): Promise<StateInUse> {
  const database = await StateDatabase.open(path);
  const start = { ...freshStart(foundingBase(emptyConfiguration)), ...(eraBytes === undefined ? {} : { eraBytes }) };
  const state = new AppliedState(realWorld.timers, 'cluster', new StateMachine(), database, start, (error) => {
    throw error;
  });
  let index = 0;
  const writeKey = (round: number, key: number): void => {
    index += 1;
    const place = { index: logIndex(index), term: term(1), kind: entryKinds.command };
    // What cannot be compressed keeps its place and size in the files.
    const value = createHash('sha512').update(`${round} ${key}`).digest();
    const success = [{ kind: 'put', key: `/k${key}`, value }] as const;
    const command = { kind: 'txn', wallMs: index, fenceTerm: undefined, request: { compare: [], success } } as const;
    const origin = { session: 0, sequence: 0, ackedBelow: 0 };
    state.apply(frameEntry(place, origin, encodeCommand(command), crc32));
    state.persist();
  };
  const write = (round: number): void => {
    for (let key = 0; key < keysInUse; key++) writeKey(round, key);
  };
  return { state, write, writeKey };
}

/** Makes a closed state folder with settled values and history in tables. */
export async function fillState(path: string): Promise<void> {
  const { state, write } = await openState(path);
  for (let round = 0; round < 4; round++) write(round);
  await state.writer.settle();
  await state.writer.sync();
  await state.database.level.compactRange('', '~');
  await state.close();
}

/** What a server with this state folder sends to another one. */
export async function sentFiles(path: string): Promise<{ readonly bytes: Buffer; readonly base: LogBase }> {
  const database = await StateDatabase.open(path);
  const source = await SnapshotSource.ofFiles(database);
  if (source === undefined) throw new Error('there is no state');
  const pieces: Uint8Array[] = [];
  for await (const piece of source.stream()) pieces.push(Buffer.from(piece));
  await source.close();
  await database.close();
  return { bytes: Buffer.concat(pieces), base: source.meta.base };
}
