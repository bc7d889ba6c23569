import { indexAfter, type LogBase } from '@berth/raft';
import type { World } from '@berth/world';
import { PromiseFile } from '../consensus/promise-file.ts';
import type { MemberAddress } from '../store.ts';
import { soloBase } from './solo-configuration.ts';
import {
  closeStopped,
  inspectionOf,
  type MemberInspection,
  openStopped,
  replay,
  type StoppedMember,
} from './stopped-member.ts';

export interface RecoverOptions {
  readonly world: World;
  /** Of a stopped member. */
  readonly dataDirectory: string;
  /** The server that will run on it, when it has moved; else what the log knows of it holds. A server that starts corrects it. */
  readonly member?: Omit<MemberAddress, 'memberId'>;
  /** Goes on although something that was acknowledged is missing here. */
  readonly acceptLoss?: boolean;
}

/**
 * Makes a stopped member the only one of its cluster, for when the quorum is lost for good. Everything in its log counts as committed. What
 * only other members held is lost; should they come back, they are kept away by a new group id. The recovery itself is recorded
 * below `recoveryPrefix`.
 */
export async function recoverMember(options: RecoverOptions): Promise<MemberInspection> {
  const { world, dataDirectory } = options;
  const opened = await openStopped(world, dataDirectory);
  try {
    const inspection = inspectionOf(opened);
    if (inspection.storage.verdict === 'quarantined' && options.acceptLoss !== true)
      throw new Error(
        `this member has lost something that was acknowledged (${inspection.storage.reasons.join('; ')}): ` +
          'recover from another survivor or from a snapshot, or accept the loss',
      );
    await replay(opened);
    const { identity } = opened.promises;
    const member = options.member ?? inspection.members.find(({ memberId }) => memberId === inspection.memberId);
    if (member === undefined)
      throw new Error('its log does not say under which name this member ran: it must be named');
    const survivor = { memberId: identity.memberId, directory: identity.directory, member };
    const base = soloBase(recorded(opened, inspection, world.clock.wallMs()), survivor);
    opened.state.position = base;
    opened.state.persist();
    await opened.state.writer.sync();
    await takeOffice(opened, base, world.random.uuid());
    return inspection;
  } finally {
    await closeStopped(opened);
  }
}

/** Where recoveries are recorded; the value of each is the JSON of a `MemberInspection`, its key ends with the wall time. */
export const recoveryPrefix = '/berth/recoveries/';

/** One more step of the history, which tells what was done; its place in the log is the one behind the last entry. */
function recorded({ state }: StoppedMember, inspection: MemberInspection, wallMs: number): LogBase {
  const key = `${recoveryPrefix}${String(wallMs).padStart(15, '0')}`;
  const value = Buffer.from(JSON.stringify(inspection));
  const request = { compare: [], success: [{ kind: 'put', key, value } as const], cause: 'operator:recover' };
  const { transaction } = state.machine.space.apply(request, wallMs);
  if (transaction !== undefined) {
    state.history.append(transaction);
    state.writer.note(transaction);
  }
  return { ...state.position, index: indexAfter(state.position.index) };
}

/** The log begins anew behind the state, in a group of its own. */
async function takeOffice({ directory, promises, log }: StoppedMember, base: LogBase, groupId: string): Promise<void> {
  const { storedBase, hardStateSeq } = log.writerStart;
  const hardState = { term: log.stored.hardState.term, vote: undefined, quarantinedUpTo: undefined };
  const batch = log.database.batch();
  batch.base({ base, chain: 0, generation: storedBase.generation + 1, stateFolder: log.stateFolder });
  batch.hardState({ seq: hardStateSeq + 1, hardState });
  await batch.commit();
  const file = await PromiseFile.open(directory.path, {
    ...promises,
    identity: { ...promises.identity, groupId },
    hardState,
    hardStateSeq: hardStateSeq + 1,
    watermark: { index: base.index, chain: 0 },
    stateFolder: log.stateFolder,
  });
  await file.close();
}
