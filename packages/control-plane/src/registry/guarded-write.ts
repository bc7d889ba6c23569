import { ApiError, type GroupResource, objectModified } from '@berth/api';
import type { Compare, KeyValue, Operation, Revision, Store, TxnRequest } from '@berth/store';
import type { WriteContext } from './registry.ts';
import { StateReader } from './state-reader.ts';
import type { StoredBytes } from './stored-bytes.ts';

/** What else a write does and supposes, in the same transaction: allocations, the namespace it lands in. */
export interface Companions {
  readonly compare: readonly Compare[];
  readonly success: readonly Operation[];
}

export const noCompanions: Companions = { compare: [], success: [] };

export type Decision =
  | { readonly kind: 'put'; readonly value: Uint8Array; readonly companions: Companions }
  | { readonly kind: 'delete'; readonly companions: Companions }
  | { readonly kind: 'keep' };

export type Outcome =
  | { readonly kind: 'put' | 'keep'; readonly bytes: StoredBytes }
  /** The last state, at the revision of the deletion. */
  | { readonly kind: 'deleted'; readonly bytes: StoredBytes };

export interface GuardedWrite {
  readonly key: string;
  /** For messages. */
  readonly resource: GroupResource;
  readonly name: string;
  /** A creation supposes that nothing is there and reads nothing first. */
  readonly startFrom: 'stored' | 'absent';
  readonly context: WriteContext;
  /**
   * Says what to do with the object as it is now (undefined: there is none). May be called several times, and on a state that is
   * a little old at first: a refusal counts only once it was decided on the newest state.
   */
  decide(current: KeyValue | undefined, reader: StateReader): Decision | Promise<Decision>;
}

/** A write that loses this many races in a row is refused. */
const attemptsMax = 12;

/**
 * Reads what this server has, decides, and writes on condition that nothing came between: one round through the log when
 * nobody interferes. When the condition fails, the transaction itself brings back the newest state to decide anew.
 */
export async function guardedWrite(store: Store, write: GuardedWrite): Promise<Outcome> {
  let state = await firstState(store, write);
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const reader = new StateReader(store, state.newest ? { kind: 'linearizable' } : { kind: 'local' });
    const verdict = await settle(write, state.current, reader);
    const final = verdict.kind !== 'refuse' && verdict.kind !== 'keep';
    if (!final && !state.newest) {
      const known = state.current?.modRevision;
      state = { current: await new StateReader(store, { kind: 'linearizable' }).get(write.key), newest: true };
      if (state.current?.modRevision !== known || reader.used) continue;
    }
    if (verdict.kind === 'refuse') throw verdict.error;
    const done = await carryOut(store, write, state.current, verdict);
    if (done.kind !== 'raced') return done;
    state = { current: done.current, newest: true };
  }
  throw objectModified(write.resource, write.name);
}

interface State {
  readonly current: KeyValue | undefined;
  /** Whether it is known to be what a quorum has, or only what this server has. */
  readonly newest: boolean;
}

type Verdict = Decision | { readonly kind: 'refuse'; readonly error: ApiError };

async function firstState(store: Store, write: GuardedWrite): Promise<State> {
  if (write.startFrom === 'absent') return { current: undefined, newest: false };
  return { current: await new StateReader(store, { kind: 'local' }).get(write.key), newest: false };
}

async function settle(write: GuardedWrite, current: KeyValue | undefined, reader: StateReader): Promise<Verdict> {
  try {
    return await write.decide(current, reader);
  } catch (error) {
    if (error instanceof ApiError) return { kind: 'refuse', error };
    throw error;
  }
}

async function carryOut(
  store: Store,
  write: GuardedWrite,
  current: KeyValue | undefined,
  decision: Decision,
): Promise<Outcome | { readonly kind: 'raced'; readonly current: KeyValue | undefined }> {
  if (decision.kind === 'keep') {
    if (current === undefined) throw new Error(`nothing is stored under ${write.key} that could be kept`);
    return { kind: 'keep', bytes: current };
  }
  const txn = transaction(write, current, decision);
  if (write.context.dryRun === true) return rehearse(store, txn, write, current, decision);
  const response = await store.txn(txn);
  if (response.succeeded) return outcome(decision, current, response.revision);
  const [found] = response.responses;
  return { kind: 'raced', current: found?.kind === 'range' ? found.kvs[0] : undefined };
}

function transaction(
  { key, context }: GuardedWrite,
  current: KeyValue | undefined,
  decision: Exclude<Decision, { kind: 'keep' }>,
): TxnRequest {
  const unchanged: Compare =
    current === undefined
      ? { key, target: 'version', is: '=', version: 0 }
      : { key, target: 'mod', is: '=', revision: current.modRevision };
  const change: Operation =
    decision.kind === 'put' ? { kind: 'put', key, value: decision.value } : { kind: 'delete', from: key };
  return {
    compare: [unchanged, ...decision.companions.compare],
    success: [change, ...decision.companions.success],
    failure: [{ kind: 'range', from: key }],
    ...(context.fence === undefined ? {} : { fence: context.fence }),
    cause: context.cause,
  };
}

/** A dry run checks the conditions as they are now and stores nothing. */
async function rehearse(
  store: Store,
  txn: TxnRequest,
  write: GuardedWrite,
  current: KeyValue | undefined,
  decision: Exclude<Decision, { kind: 'keep' }>,
): Promise<Outcome | { readonly kind: 'raced'; readonly current: KeyValue | undefined }> {
  const reader = new StateReader(store, { kind: 'linearizable' });
  for (const compare of txn.compare) {
    const kv = await reader.get(compare.key);
    const holds =
      compare.target === 'version'
        ? (kv?.version ?? 0) === compare.version
        : compare.target === 'mod' && (kv?.modRevision ?? 0) === compare.revision;
    if (!holds) return { kind: 'raced', current: await reader.get(write.key) };
  }
  return outcome(decision, current, current?.modRevision ?? (0 as Revision));
}

function outcome(
  decision: Exclude<Decision, { kind: 'keep' }>,
  current: KeyValue | undefined,
  revision: Revision,
): Outcome {
  if (decision.kind === 'put') return { kind: 'put', bytes: { value: decision.value, modRevision: revision } };
  if (current === undefined) throw new Error('only what is stored can be deleted');
  return { kind: 'deleted', bytes: { value: current.value, modRevision: revision } };
}
