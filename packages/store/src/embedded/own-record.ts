import { findMember, memberId } from '@berth/raft';
import type { AdminOutcome, AdminRequest } from '../link/admin.ts';
import { decodeAddress, encodeAddress } from '../member-record.ts';
import type { ClusterView } from './cluster-view.ts';

/**
 * Keeps what the configuration says of this server true: a server that comes back under other addresses has them changed, which is a
 * change of configuration like any other.
 */
export class OwnRecord {
  readonly #address: string;
  readonly #view: ClusterView;
  readonly #administer: (request: AdminRequest) => Promise<AdminOutcome>;
  readonly #listening: Disposable;
  #asking = false;

  constructor(address: string, view: ClusterView, administer: (request: AdminRequest) => Promise<AdminOutcome>) {
    this.#address = address;
    this.#view = view;
    this.#administer = administer;
    this.#listening = view.onRole(() => void this.#look());
  }

  close(): void {
    this.#listening[Symbol.dispose]();
  }

  /** Asked again at the next news of the cluster, should it fail. */
  async #look(): Promise<void> {
    const { self, configuration, hasLeader } = this.#view;
    const member = self === 0 ? undefined : findMember(configuration, memberId(self));
    if (member === undefined || !hasLeader || this.#asking) return;
    // Whether it shall be promoted is the cluster's decision, not its own.
    const { promote } = decodeAddress(member.address);
    const address = encodeAddress({ ...decodeAddress(this.#address), promote });
    if (address === member.address) return;
    this.#asking = true;
    await this.#administer({ kind: 'update', member: self, address });
    this.#asking = false;
  }
}
