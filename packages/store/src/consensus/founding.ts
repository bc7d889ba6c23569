import {
  emptyConfiguration,
  foundingBase,
  foundingConfiguration,
  type HardState,
  initialHardState,
  type LogBase,
  memberId,
} from '@berth/raft';
import { firstStateFolder } from './data-directory.ts';
import { LogDatabase } from './log-database.ts';
import { type Identity, PromiseFile, type Watermark } from './promise-file.ts';

/** How a data directory that holds nothing yet comes into being. */
export type Founding =
  /** The first member of a new cluster. */
  | { readonly kind: 'bootstrap'; readonly address: string }
  /** A member that was added to a cluster: it waits until the leader finds it. */
  | { readonly kind: 'join' };

/** The log is made first: a directory without promise files was never in use. */
export async function found(
  folders: { readonly path: string; readonly log: string },
  identity: Identity,
  founding: Founding,
): Promise<void> {
  await writeFirstLog(folders.log, foundersBase(identity, founding), firstStateFolder);
  await writeFirstPromises(folders.path, identity, { index: 0, chain: 0 }, initialHardState, firstStateFolder);
}

/** Makes the log of a member that begins at `base`, without entries. */
export async function writeFirstLog(folder: string, base: LogBase, stateFolder: string): Promise<void> {
  const database = await LogDatabase.open(folder);
  try {
    const batch = database.batch();
    batch.base({ base, chain: 0, generation: 1, stateFolder });
    batch.hardState({ seq: 0, hardState: { ...initialHardState, term: base.term } });
    await batch.commit();
  } finally {
    await database.close();
  }
}

export async function writeFirstPromises(
  path: string,
  identity: Identity,
  watermark: Watermark,
  hardState: HardState,
  stateFolder: string,
): Promise<void> {
  const promises = await PromiseFile.open(path, {
    identity,
    incarnation: 0,
    hardState,
    hardStateSeq: 0,
    watermark,
    stateFolder,
  });
  await promises.close();
}

function foundersBase(identity: Identity, founding: Founding): LogBase {
  if (founding.kind === 'join') return foundingBase(emptyConfiguration);
  const self = {
    id: memberId(identity.memberId),
    directory: identity.directory,
    address: founding.address,
    preferred: false,
  };
  return foundingBase(foundingConfiguration([self]));
}
