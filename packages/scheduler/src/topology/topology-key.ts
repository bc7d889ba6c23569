import { grownInts } from '../node/growth.ts';
import { labelOf, type NodeFacts } from '../node/node-facts.ts';

/** Nodes whose label `name` has the same value are one domain. */
export class TopologyKey {
  readonly name: string;
  /** Domain of the node in each slot; -1 for a node without the label. */
  domainOf: Int32Array = new Int32Array(0);
  /** Domains ever seen; they are numbered from 0. */
  domains = 0;
  /** Domains with more than one node. While there are none, what happens in a domain concerns one node only. */
  crowded = 0;
  readonly #ids = new Map<string, number>();
  readonly #values: string[] = [];
  readonly #nodesIn: number[] = [];

  constructor(name: string) {
    this.name = name;
  }

  valueOf(domain: number): string {
    return this.#values[domain] ?? '';
  }

  nodesIn(domain: number): number {
    return this.#nodesIn[domain] ?? 0;
  }

  /** The domain with this label value, or -1 when no node ever had it. */
  idOf(value: string): number {
    return this.#ids.get(value) ?? -1;
  }

  enter(slot: number, facts: NodeFacts, capacity: number): void {
    this.domainOf = grownInts(this.domainOf, capacity, -1);
    const value = labelOf(facts.labels, this.name);
    const domain = value === undefined ? -1 : this.#domainNamed(value);
    this.domainOf[slot] = domain;
    if (domain < 0) return;
    const nodes = this.nodesIn(domain) + 1;
    this.#nodesIn[domain] = nodes;
    if (nodes === 2) this.crowded += 1;
  }

  leave(slot: number): void {
    const domain = this.domainOf[slot] as number;
    this.domainOf[slot] = -1;
    if (domain < 0) return;
    const nodes = this.nodesIn(domain) - 1;
    this.#nodesIn[domain] = nodes;
    if (nodes === 1) this.crowded -= 1;
  }

  #domainNamed(value: string): number {
    let id = this.#ids.get(value);
    if (id === undefined) {
      id = this.domains++;
      this.#ids.set(value, id);
      this.#values.push(value);
    }
    return id;
  }
}
