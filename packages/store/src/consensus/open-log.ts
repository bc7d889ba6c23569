import { type Entry, type HardState, type LogBase, LogSummarizer, type LogSummary, term } from '@berth/raft';
import { CodecError } from '../codec/byte-reader.ts';
import { checkLevelFiles } from '../leveldb/level-files.ts';
import { ChainIndex, nextChain } from './chain-index.ts';
import type { DataDirectory } from './data-directory.ts';
import { LogDatabase, parseRecord } from './log-database.ts';
import type { StoredBase } from './log-records.ts';
import type { Promises } from './promise-file.ts';
import type { StorageFindings } from './storage-report.ts';

/** A verified log: what of it may be relied on. What was found wrong is in the findings; nothing was changed on disk yet. */
export interface OpenedLog {
  readonly database: LogDatabase;
  readonly storedBase: StoredBase;
  readonly summary: LogSummary;
  readonly chains: ChainIndex;
  /** Entries stored beyond the last good one, to be deleted. */
  readonly storedLast: number;
  readonly hardState: HardState;
  readonly hardStateSeq: number;
}

/** Thrown when the log has no base one could start from; everything else is a finding. */
export class LogUnusable extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'LogUnusable';
  }
}

/**
 * Opens and verifies the log, before a single promise is made. LevelDB can lose synced records without a word, so
 * nothing it says is taken for granted: its journals are read first, every entry carries a checksum and a chain value, and the promise
 * files, which LevelDB does not know, tell how far the log must reach.
 */
export async function openLog(
  directory: DataDirectory,
  promises: Promises,
  findings: StorageFindings,
): Promise<OpenedLog> {
  const { journals, damage } = await checkLevelFiles(directory.log);
  if (damage !== undefined) throw new LogUnusable(`the log's file ${damage}`);
  if (journals.kind === 'damaged') findings.lost(`the log's journal ${journals.reason}`);
  if (journals.kind === 'torn') findings.torn(`the log's journal ${journals.reason}`);
  const database = await openDatabase(directory.log);
  try {
    const storedBase = await readBase(database);
    const { hardState, hardStateSeq } = await readHardState(database, promises, findings);
    const entries = await verifyEntries(database, storedBase, findings);
    checkWatermark(promises, storedBase, entries, findings);
    return { database, storedBase, hardState, hardStateSeq, ...entries };
  } catch (error) {
    await database.close();
    if (error instanceof LogUnusable) throw error;
    throw new LogUnusable('the log cannot be read', { cause: error });
  }
}

async function openDatabase(folder: string): Promise<LogDatabase> {
  try {
    return await LogDatabase.open(folder);
  } catch (error) {
    const { cause } = error as Error;
    if ((cause as { code?: string } | undefined)?.code === 'LEVEL_LOCKED')
      throw new Error(`another process uses the data directory of ${folder}`, { cause: error });
    throw new LogUnusable(`LevelDB cannot open the log: ${String(cause ?? error)}`, { cause: error });
  }
}

async function readBase(database: LogDatabase): Promise<StoredBase> {
  const base = await database.readBase();
  if (base === undefined) throw new LogUnusable('the log has lost the record of where it begins');
  return base;
}

/** LevelDB's copy is written before the promise file's: when it is older, LevelDB has lost what it had synced. */
async function readHardState(
  database: LogDatabase,
  promises: Promises,
  findings: StorageFindings,
): Promise<Pick<OpenedLog, 'hardState' | 'hardStateSeq'>> {
  const { found, damaged } = await database.readHardStates();
  if (damaged > 0) findings.note(`${damaged} of the log's hard state records do not verify`);
  let newest = { seq: promises.hardStateSeq, hardState: promises.hardState };
  const seqInLog = Math.max(-1, ...found.map((stored) => stored.seq));
  if (seqInLog < promises.hardStateSeq && damaged === 0)
    findings.lost(`the log's hard state is number ${seqInLog}, number ${promises.hardStateSeq} was made durable`);
  for (const stored of found) if (stored.seq > newest.seq) newest = stored;
  return { hardState: newest.hardState, hardStateSeq: newest.seq };
}

type VerifiedEntries = Pick<OpenedLog, 'summary' | 'chains' | 'storedLast'>;

/** Walks the whole log: indexes without a hole, frames that verify, an unbroken chain, terms that do not fall. Ends before the first fault. */
async function verifyEntries(
  database: LogDatabase,
  { base, chain, generation }: StoredBase,
  findings: StorageFindings,
): Promise<VerifiedEntries> {
  const summarizer = new LogSummarizer(base);
  const chains = new ChainIndex(base.index, chain);
  let storedLast: number = base.index;
  let fault: string | undefined;
  for await (const stored of database.storedEntries(generation, base.index)) {
    storedLast = stored.index;
    fault ??= addEntry(stored, summarizer, chains);
  }
  if (fault !== undefined) findings.lost(`the log is damaged: ${fault}; it is used up to entry ${chains.last}`);
  return { summary: summarizer.summary(), chains, storedLast };
}

function addEntry(
  stored: { readonly index: number; readonly chain: number; readonly record: Uint8Array },
  summarizer: LogSummarizer,
  chains: ChainIndex,
): string | undefined {
  let entry: Entry;
  try {
    entry = parseRecord(stored.record);
  } catch (error) {
    if (error instanceof CodecError) return `entry ${stored.index}: ${error.message}`;
    throw error;
  }
  if (entry.index !== stored.index) return `entry ${entry.index} is stored as ${stored.index}`;
  if (stored.index !== chains.last + 1) return `entry ${chains.last + 1} is missing`;
  if (nextChain(chains.at(chains.last), entry.frame) !== stored.chain)
    return `the chain breaks at entry ${stored.index}`;
  const fault = summarizer.add(entry);
  if (fault === undefined) chains.append(entry);
  return fault;
}

/** The promise files know one entry that was durable; by its chain value they know all before it. */
function checkWatermark(
  { watermark }: Promises,
  { base }: StoredBase,
  { chains }: VerifiedEntries,
  findings: StorageFindings,
): void {
  if (watermark.index <= base.index) return;
  if (chains.last < watermark.index)
    findings.lost(`the log ends at entry ${chains.last}, entry ${watermark.index} was made durable`);
  else if (chains.at(watermark.index) !== watermark.chain)
    findings.lost(`entry ${watermark.index} is not the one that was made durable`);
}

/** The highest term seen anywhere in the directory: what a member in doubt must assume to have voted in. */
export function highestTerm(
  opened: Pick<OpenedLog, 'hardState' | 'summary' | 'storedBase'>,
  promises: Promises,
): LogBase['term'] {
  const last = opened.summary.termRuns.at(-1)?.term ?? opened.storedBase.base.term;
  return term(Math.max(opened.hardState.term, promises.hardState.term, last));
}
