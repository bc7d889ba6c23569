import type { World } from '@berth/world';
import { DataDirectory } from '../consensus/data-directory.ts';
import { PromiseFile, type Promises } from '../consensus/promise-file.ts';
import { type StartedLog, startLog } from '../consensus/start-log.ts';
import { StorageFindings, type StorageReport } from '../consensus/storage-report.ts';
import type { AppliedState } from '../embedded/applied-state.ts';
import { Replica } from '../embedded/replica.ts';
import { memberAddress } from '../member-record.ts';
import type { Revision } from '../revision.ts';
import type { MemberAddress } from '../store.ts';

/** What a stopped member holds; of several survivors the one with the highest (last term, last index) holds most. */
export interface MemberInspection {
  readonly clusterId: string;
  readonly memberId: string;
  readonly lastIndex: number;
  readonly lastTerm: number;
  /** Of the applied state; entries behind it may or may not have been acknowledged. */
  readonly appliedIndex: number;
  readonly revision: Revision;
  /** As its log last knew them; itself is among them. */
  readonly members: readonly MemberAddress[];
  readonly storage: StorageReport;
}

/** The parts of a member that is not running, opened and verified like at a start. */
export interface StoppedMember {
  readonly directory: DataDirectory;
  readonly promises: Promises;
  readonly findings: StorageFindings;
  readonly log: StartedLog;
  readonly replica: Replica;
  readonly state: AppliedState;
}

export async function openStopped(world: World, dataDirectory: string): Promise<StoppedMember> {
  const directory = new DataDirectory(dataDirectory);
  const { promises } = await PromiseFile.read(directory.path);
  if (promises === undefined) throw new Error(`${dataDirectory} holds no member that can be read`);
  const findings = new StorageFindings();
  const replica = new Replica(world, dataDirectory, {
    applied: () => undefined,
    outcome: () => undefined,
    jumped: () => undefined,
    failed: (error) => {
      throw error;
    },
  });
  const openState = (folder: string): ReturnType<Replica['openState']> => replica.openState(folder);
  const log = await startLog({ directory, promises, findings, wallMs: world.clock.wallMs(), openState });
  replica.start(promises.identity.clusterId, log.stored.base);
  return { directory, promises, findings, log, replica, state: replica.state };
}

export function inspectionOf({ promises, log, state, findings }: StoppedMember): MemberInspection {
  const { base, log: summary } = log.stored;
  return {
    clusterId: promises.identity.clusterId,
    memberId: String(promises.identity.memberId),
    lastIndex: summary.lastIndex,
    lastTerm: summary.termRuns.at(-1)?.term ?? base.term,
    appliedIndex: state.position.index,
    revision: state.machine.space.revision,
    members: (summary.configurations.at(-1)?.configuration ?? base.configuration).members.map(memberAddress),
    storage: findings.report(),
  };
}

const replayBytes = 1024 * 1024;

/** Applies what lies in the log behind the state. */
export async function replay({ log, state }: StoppedMember): Promise<void> {
  const { lastIndex } = log.stored.log;
  const { generation } = log.writerStart.storedBase;
  while (state.position.index < lastIndex) {
    const entries = await log.database.read(generation, state.position.index + 1, lastIndex, replayBytes);
    for (const entry of entries) state.apply(entry);
    state.persist();
    await state.writer.idle();
  }
}

export async function closeStopped({ log, replica }: StoppedMember): Promise<void> {
  await log.database.close();
  await replica.close();
}

/** Looks at the directory of a stopped member. Verifies it as a start would, and like a start sets a damaged part aside. */
export async function inspectMember(world: World, dataDirectory: string): Promise<MemberInspection> {
  const opened = await openStopped(world, dataDirectory);
  try {
    return inspectionOf(opened);
  } finally {
    await closeStopped(opened);
  }
}
