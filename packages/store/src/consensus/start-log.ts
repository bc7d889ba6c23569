import {
  emptyConfiguration,
  foundingBase,
  type HardState,
  type LogBase,
  LogSummarizer,
  type StoredState,
} from '@berth/raft';
import { ChainIndex } from './chain-index.ts';
import { type DataDirectory, nextStateFolder } from './data-directory.ts';
import { LogDatabase } from './log-database.ts';
import type { LogWriterStart } from './log-writer.ts';
import { highestTerm, LogUnusable, type OpenedLog, openLog } from './open-log.ts';
import type { Promises } from './promise-file.ts';
import type { StorageFindings } from './storage-report.ts';

/** What the owner of the state found in the folder it was asked to open. */
export type StateFound =
  /** Verified; applied up to `base.index`. `salvaged`: what was damaged and could be read around, at the price of the history. */
  | { readonly kind: 'whole'; readonly base: LogBase; readonly salvaged?: string }
  /** Nothing there yet. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'damaged'; readonly reason: string };

/** A log that can be worked with: verified, reconciled with the state, and with its doubts on record. */
export interface StartedLog {
  readonly database: LogDatabase;
  readonly writerStart: LogWriterStart;
  readonly stored: Omit<StoredState, 'partialSnapshot'>;
  readonly stateFolder: string;
}

export interface StartLogRequest {
  readonly directory: DataDirectory;
  readonly promises: Promises;
  readonly findings: StorageFindings;
  readonly wallMs: number;
  /** Opens and verifies the state in a folder; when it is damaged, the folder is emptied. */
  readonly openState: (folder: string) => Promise<StateFound>;
}

/**
 * Brings log and state to a common start. Whatever cannot be relied on is dropped, and before it is dropped it is on record that this
 * member may have broken a promise: a crash in between must not make it look sound.
 */
export async function startLog(request: StartLogRequest): Promise<StartedLog> {
  const { directory, promises, findings } = request;
  let opened: OpenedLog;
  try {
    opened = await openLog(directory, promises, findings);
  } catch (error) {
    if (!(error instanceof LogUnusable)) throw error;
    findings.lost(error.cause === undefined ? error.message : `${error.message}: ${String(error.cause)}`);
    return await startWithoutLog(request);
  }
  const state = await request.openState(opened.storedBase.stateFolder);
  if (state.kind === 'whole' && state.salvaged !== undefined)
    findings.note(
      `the state was damaged (${state.salvaged}); the present could be saved, its history on this server is lost`,
    );
  return await reconcile(opened, state, request);
}

/** The log is lost, the state may be whole: then the log begins anew where the state stands. */
async function startWithoutLog(request: StartLogRequest): Promise<StartedLog> {
  const { directory, promises, findings } = request;
  const aside = await directory.setLogAside(request.wallMs);
  findings.note(`the damaged log was set aside as ${aside}`);
  const state = await request.openState(promises.stateFolder);
  if (state.kind === 'damaged') findings.lost(`the state is damaged: ${state.reason}`);
  const base = state.kind === 'whole' ? state.base : nothingKnown;
  const database = await LogDatabase.open(directory.log);
  const hardState = { ...promises.hardState, term: laterTerm(promises.hardState.term, base.term) };
  return await restartLog(
    database,
    { base, hardState, hardStateSeq: promises.hardStateSeq, generation: 1 },
    promises.stateFolder,
  );
}

async function reconcile(opened: OpenedLog, state: StateFound, request: StartLogRequest): Promise<StartedLog> {
  const { findings, promises } = request;
  const { base, stateFolder } = { ...opened.storedBase };
  const hardState: HardState = { ...opened.hardState, term: highestTerm(opened, promises) };
  const restart = { hardState, hardStateSeq: opened.hardStateSeq, generation: opened.storedBase.generation + 1 };
  const applied = state.kind === 'whole' ? state.base.index : 0;
  if (state.kind === 'damaged' && base.index === 0)
    findings.note(`the state is damaged (${state.reason}); it is made again from the log, which is complete`);
  if (applied < base.index) {
    const found = state.kind === 'damaged' ? state.reason : `it ends at entry ${applied}`;
    findings.lost(`the state is lost (${found}) and the log begins only after entry ${base.index}`);
    const folder = state.kind === 'whole' ? nextStateFolder(stateFolder) : stateFolder;
    if (state.kind === 'whole') await request.openState(folder);
    return await restartLog(opened.database, { ...restart, base: nothingKnown }, folder);
  }
  if (state.kind === 'whole' && applied > opened.summary.lastIndex) {
    findings.lost(`the log ends at entry ${opened.summary.lastIndex}, the state has applied entry ${applied}`);
    return await restartLog(opened.database, { ...restart, base: state.base }, stateFolder);
  }
  if (findings.promiseLost) await dropTail(opened, hardState);
  return {
    database: opened.database,
    writerStart: {
      storedBase: opened.storedBase,
      chains: opened.chains,
      hardStateSeq: opened.hardStateSeq + (findings.promiseLost ? 1 : 0),
      storedLast: opened.chains.last,
    },
    stored: {
      hardState,
      base,
      log: opened.summary,
      applied: applied as LogBase['index'],
      promiseLost: findings.promiseLost,
    },
    stateFolder,
  };
}

/** Deletes what lies behind the last good entry, and says in the same write that something may have been promised. */
async function dropTail(opened: OpenedLog, hardState: HardState): Promise<void> {
  const batch = opened.database.batch();
  batch.truncate(opened.storedBase.generation, opened.chains.last + 1, opened.storedLast);
  batch.hardState({ seq: opened.hardStateSeq + 1, hardState: { ...hardState, quarantinedUpTo: hardState.term } });
  await batch.commit();
}

interface Restart {
  readonly base: LogBase;
  readonly hardState: HardState;
  readonly hardStateSeq: number;
  readonly generation: number;
}

/** An empty log after `base`, in quarantine. */
async function restartLog(database: LogDatabase, restart: Restart, stateFolder: string): Promise<StartedLog> {
  const { base, generation } = restart;
  const hardState = { ...restart.hardState, quarantinedUpTo: restart.hardState.term };
  const hardStateSeq = restart.hardStateSeq + 1;
  const storedBase = { base, chain: 0, generation, stateFolder };
  const batch = database.batch();
  batch.base(storedBase);
  batch.hardState({ seq: hardStateSeq, hardState });
  await batch.commit();
  return {
    database,
    writerStart: { storedBase, chains: new ChainIndex(base.index, 0), hardStateSeq, storedLast: base.index },
    stored: { hardState, base, log: new LogSummarizer(base).summary(), applied: base.index, promiseLost: true },
    stateFolder,
  };
}

/** Of a member that holds nothing: like one that was just added, it waits for what the leader sends. */
const nothingKnown: LogBase = foundingBase(emptyConfiguration);

function laterTerm(a: LogBase['term'], b: LogBase['term']): LogBase['term'] {
  return a > b ? a : b;
}
