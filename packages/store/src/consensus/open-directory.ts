import type { World } from '@berth/world';
import type { CoreOptions } from '../link/core-messages.ts';
import { DataDirectory, dataDirectoryId } from './data-directory.ts';
import { found } from './founding.ts';
import { LogDatabase } from './log-database.ts';
import { type Identity, PromiseFile, type Promises } from './promise-file.ts';
import { type StartedLog, type StateFound, startLog } from './start-log.ts';
import { StorageFindings, type StorageReport } from './storage-report.ts';

/** A member's directory, ready to promise things. */
export interface OpenedDirectory {
  readonly directory: DataDirectory;
  readonly promises: PromiseFile;
  readonly log: StartedLog;
  readonly report: StorageReport;
}

/**
 * Opens a data directory, founding it when it holds nothing. The new incarnation is durable before it returns. Throws an error with a
 * sentence for the operator when the directory cannot be used.
 */
export async function openDirectory(
  world: World,
  options: CoreOptions,
  openState: (folder: string) => Promise<StateFound>,
): Promise<OpenedDirectory> {
  const directory = new DataDirectory(options.dataDirectory);
  await directory.make();
  const findings = new StorageFindings();
  const promises = await readPromises(world, directory, options, findings);
  const wallMs = world.clock.wallMs();
  const log = await startLog({ directory, promises, findings, wallMs, openState });
  const { writerStart, stored } = log;
  const file = await PromiseFile.open(directory.path, {
    identity: promises.identity,
    incarnation: promises.incarnation + 1,
    hardState: stored.promiseLost ? { ...stored.hardState, quarantinedUpTo: stored.hardState.term } : stored.hardState,
    hardStateSeq: writerStart.hardStateSeq,
    watermark: { index: writerStart.chains.last, chain: writerStart.chains.at(writerStart.chains.last) },
    stateFolder: log.stateFolder,
  });
  await directory.deleteOtherStates(log.stateFolder);
  return { directory, promises: file, log, report: findings.report() };
}

async function readPromises(
  world: World,
  directory: DataDirectory,
  options: CoreOptions,
  findings: StorageFindings,
): Promise<Promises> {
  const first = await PromiseFile.read(directory.path);
  if (first.damaged > 0) findings.note(`${first.damaged} of the two promise files do not verify`);
  if (first.promises !== undefined) return first.promises;
  if (first.damaged > 0 || (await wasInUse(directory)))
    throw new Error(
      `the data directory ${directory.path} has lost its promise files: what this member has promised is unknown, so it may not come back. ` +
        'Remove the member from the cluster, empty the directory and join again; for a lost cluster, recover from another survivor or a snapshot.',
    );
  await found(directory, await newIdentity(world, directory, options), foundingOf(options));
  const { promises } = await PromiseFile.read(directory.path);
  if (promises === undefined)
    throw new Error(`the data directory ${directory.path} does not keep what is written to it`);
  return promises;
}

function foundingOf({ founding, address }: CoreOptions): Parameters<typeof found>[2] {
  return founding?.kind === 'join' ? { kind: 'join' } : { kind: 'bootstrap', address };
}

async function newIdentity(world: World, { path }: DataDirectory, { founding }: CoreOptions): Promise<Identity> {
  if (founding === undefined)
    throw new Error(`the data directory ${path} is empty: say whether to begin a new cluster or to join one`);
  const directory = await dataDirectoryId(path, world.random);
  if (founding.kind === 'bootstrap')
    return { clusterId: world.random.uuid(), groupId: world.random.uuid(), memberId: 1, directory };
  const { clusterId, groupId, memberId } = founding;
  return { clusterId, groupId, memberId, directory };
}

/** A log with entries or promises in it, though the promise files are gone. An empty one is of a founding that was cut short. */
async function wasInUse(directory: DataDirectory): Promise<boolean> {
  const database = await LogDatabase.open(directory.log);
  try {
    const base = await database.readBase();
    if (base === undefined) return false;
    const { found: hardStates } = await database.readHardStates();
    if (base.base.index > 0 || hardStates.some(({ seq }) => seq > 0)) return true;
    for await (const _ of database.storedEntries(base.generation, base.base.index)) return true;
    return false;
  } finally {
    await database.close();
  }
}
