import { initialHardState } from '@berth/raft';
import type { World } from '@berth/world';
import { DataDirectory, dataDirectoryId, firstStateFolder } from '../consensus/data-directory.ts';
import { writeFirstLog, writeFirstPromises } from '../consensus/founding.ts';
import { PromiseFile } from '../consensus/promise-file.ts';
import { AppliedState } from '../embedded/applied-state.ts';
import type { Revision } from '../revision.ts';
import { importSnapshot } from '../snapshot/snapshot-import.ts';
import { snapshotFile } from '../snapshot/snapshot-reading.ts';
import { startOf } from '../state/state-writer.ts';
import type { MemberAddress } from '../store.ts';
import { soloBase } from './solo-configuration.ts';

export interface RestoreOptions {
  readonly world: World;
  /** A snapshot file. */
  readonly snapshot: string;
  /** An empty folder. */
  readonly dataDirectory: string;
  /** The server that will run on it. */
  readonly member: Omit<MemberAddress, 'memberId'>;
}

/**
 * Makes a data directory of a snapshot: the only member of a new cluster with the old cluster id, which other members then join. Members
 * of the old cluster are kept away by a new group id. Throws an error with a sentence for the operator.
 */
export async function restoreSnapshot(options: RestoreOptions): Promise<{ readonly revision: Revision }> {
  const { world, member } = options;
  const directory = new DataDirectory(options.dataDirectory);
  await directory.make();
  const { promises, damaged } = await PromiseFile.read(directory.path);
  if (promises !== undefined || damaged > 0)
    throw new Error(`${directory.path} holds a member already: a snapshot is restored into an empty folder`);
  const imported = await importSnapshot(snapshotFile(options.snapshot), directory.state(firstStateFolder));
  const { database, machine, meta } = imported;
  const memberId = meta.base.configuration.nextMemberId;
  const id = await dataDirectoryId(directory.path, world.random);
  const base = soloBase(meta.base, { memberId, directory: id, member });
  const start = { ...startOf(imported), base };
  const state = new AppliedState(world.timers, meta.clusterId, machine, database, start, (error) => {
    throw error;
  });
  state.persist();
  await state.close();
  await writeFirstLog(directory.log, base, firstStateFolder);
  const identity = { clusterId: meta.clusterId, groupId: world.random.uuid(), memberId, directory: id };
  const hardState = { ...initialHardState, term: base.term };
  await writeFirstPromises(directory.path, identity, { index: base.index, chain: 0 }, hardState, firstStateFolder);
  return { revision: meta.revision };
}
