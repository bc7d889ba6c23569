import type { NodeSelector } from '@berth/api';
import type { NodeFacts } from '../node/node-facts.ts';
import { compileTerm, type NodeSelection } from '../pod/node-selection.ts';

/** What scheduling reads of a volume claim and, once it is bound, of its volume. */
export interface VolumeClaim {
  readonly namespace: string;
  readonly name: string;
  /** `waiting`: is bound when its first pod has a node; `pending`: somebody has to bind it first. */
  readonly state: 'bound' | 'waiting' | 'pending';
  /** Nodes that can reach the volume, or that one could be made for; absent: all. */
  readonly nodeAffinity?: NodeSelector;
}

/** A claim ready to be asked. */
export interface KnownClaim {
  readonly state: VolumeClaim['state'];
  /** Changes whenever the claim does. */
  readonly version: number;
  reaches(node: NodeFacts): boolean;
}

/** The volume claims of the cluster. */
export class ClaimTable {
  readonly #claims = new Map<string, KnownClaim>();
  #versions = 0;

  find(namespace: string, name: string): KnownClaim | undefined {
    return this.#claims.get(`${namespace}/${name}`);
  }

  set({ namespace, name, state, nodeAffinity }: VolumeClaim): void {
    const terms: readonly NodeSelection[] | undefined = nodeAffinity?.nodeSelectorTerms.map((term) =>
      compileTerm(term, false),
    );
    this.#claims.set(`${namespace}/${name}`, {
      state,
      version: this.#versions++,
      reaches: (node) => terms === undefined || terms.some((term) => term.matches(node)),
    });
  }

  remove(namespace: string, name: string): void {
    this.#claims.delete(`${namespace}/${name}`);
  }
}
