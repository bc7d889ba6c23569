import { join } from 'node:path';
import type { Store } from '@berth/store';
import type { ConsensusGroup } from '../cluster/member-routes.ts';
import type { Membership, ServerAddresses } from '../security/join-messages.ts';
import type { ServerGround } from './server-ground.ts';

/** The key space of one server, and what the engine behind it can do for the cluster. */
export interface ServerStore {
  readonly store: Store;
  /** Of this server in the consensus group. */
  readonly memberId: string;
  /**
   * Adds a server that joins to the consensus group; the same directory gets the same answer again. Undefined when the
   * engine has no members (etcd).
   */
  addMember(name: string, addresses: ServerAddresses): Promise<Membership | undefined>;
  /** For operators; undefined when the engine has no members (etcd). */
  readonly group?: ConsensusGroup;
  /** Hands the leadership to another server, if this one has it; never rejects, never takes long. */
  abdicate(): Promise<void>;
}

/** Opens the engine that the options name. Whoever asks for the store closes it. */
export type OpenServerStore = (ground: ServerGround) => Promise<ServerStore>;

/** Where the embedded engine keeps its log and state. */
export function storeFolder(dataDir: string): string {
  return join(dataDir, 'store');
}
