import { type Event, logIndex, memberId } from '@berth/raft';
import type { ToCore } from '../link/core-messages.ts';
import { unpackProposals } from '../link/proposal-packing.ts';

/** What a message of the main thread means to the core; undefined for those that are the shell's own business. */
export function eventOf(message: ToCore): Event | undefined {
  switch (message.kind) {
    case 'propose':
      return { kind: 'propose', proposals: unpackProposals(message) };
    case 'snapshot-damaged':
      return message;
    case 'read':
      return { kind: 'read', id: message.id, elapsedTicks: 0 };
    case 'applied':
    case 'checkpointed':
      return { kind: message.kind, index: logIndex(message.index) };
    case 'snapshot-opened':
      return { ...message, to: memberId(message.to), index: logIndex(message.index) };
    case 'snapshot-unavailable':
      return { kind: message.kind, to: memberId(message.to) };
    case 'chunk-loaded':
      return { ...message, to: memberId(message.to) };
    case 'snapshot-staged':
      return { kind: message.kind, snapshotId: message.snapshotId };
    default:
      return undefined;
  }
}
