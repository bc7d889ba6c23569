/** A fault as somebody could make it: one text in one file below src/ replaced by another. */
export interface PlantedFault {
  readonly name: string;
  readonly file: string;
  readonly right: string;
  readonly wrong: string;
}

/** In filters, counters, indexes, preemption and trials: where a fault would be silent. */
export const plantedFaults: readonly PlantedFault[] = [
  {
    name: 'a node that is exactly large enough is refused',
    file: 'rule/filter/node-resources-fit.ts',
    right: 'as number) < (amounts[at] as number)) return false',
    wrong: 'as number) <= (amounts[at] as number)) return false',
  },
  {
    name: 'a port on every address does not conflict with one on a single address',
    file: 'pod/host-port.ts',
    right: ' || left.address === everyAddress || right.address === everyAddress',
    wrong: '',
  },
  {
    name: 'a toleration covers taints of any effect',
    file: 'pod/toleration.ts',
    right: 'toleration.effect !== taint.effect',
    wrong: 'false',
  },
  {
    name: 'spread forgets that the pod itself will count',
    file: 'rule/filter/pod-topology-spread.ts',
    right: 'countsItself ? 1 : 0',
    wrong: '0',
  },
  {
    name: 'minDomains is ignored',
    file: 'rule/filter/pod-topology-spread.ts',
    right: 'counter.eligibleDomains < minDomains ? 0 : counter.least',
    wrong: 'counter.least',
  },
  {
    name: 'the smallest count of a domain never rises',
    file: 'topology/counter.ts',
    right: 'else this.#raiseLeast();\n  }\n\n  #raiseLeast',
    wrong: '}\n\n  #raiseLeast',
  },
  {
    name: 'pods that are being deleted count for spread when a constraint is new',
    file: 'topology/topology.ts',
    right: '(pods.terminating[pod] === 1 && !counter.spec.countsTerminating)',
    wrong: 'false',
  },
  {
    name: 'anti-affinity of pods already there is ignored',
    file: 'rule/filter/inter-pod-affinity.ts',
    right: ', ...foreignTests(context)',
    wrong: '',
  },
  {
    name: 'any pod may be the first of a group it does not belong to',
    file: 'rule/filter/inter-pod-affinity.ts',
    right: 'isOwnFriend && counters.every',
    wrong: 'counters.every',
  },
  {
    name: 'a new set of labels does not learn whose terms select it',
    file: 'topology/topology.ts',
    right: 'for (const counter of this.#ofAnyone) if (counter.spec.criterion.matches(set)) assign(set, counter);',
    wrong: '',
  },
  {
    name: 'the tree of winners is not played again above a winner whose score fell',
    file: 'ranking/ranking.ts',
    right: 'winners[base + place] === winner && winner !== slot',
    wrong: 'winners[base + place] === winner',
  },
  {
    name: 'equals are decided against the fixed order',
    file: 'ranking/ranking.ts',
    right: '(ranks[left] as number) < (ranks[right] as number) ? left : right',
    wrong: '(ranks[left] as number) > (ranks[right] as number) ? left : right',
  },
  {
    name: 'a ranking does not notice that answers for untouched nodes changed',
    file: 'ranking/pod-class.ts',
    right: 'turned = true;',
    wrong: '',
  },
  {
    name: 'what is known of a node outlives a change of the node',
    file: 'ranking/facts-table.ts',
    right: 'if (this.#versions[slot] === version) return',
    wrong: 'if (this.#versions[slot] !== -1) return',
  },
  {
    name: 'a node that changed its zone stays in its old group',
    file: 'ranking/layout.ts',
    right: 'if (this.groupOf[slot] === index && index >= 0) return true;',
    wrong: 'if ((this.groupOf[slot] as number) >= 0) return true;',
  },
  {
    name: 'touched nodes are looked at again except the last one',
    file: 'ranking/ranking.ts',
    right: 'for (let entry = this.#cursor; entry < changes.head; entry += 1) {',
    wrong: 'for (let entry = this.#cursor; entry < changes.head - 1; entry += 1) {',
  },
  {
    name: 'victims under used-up budgets are spared last',
    file: 'preemption/victim-search.ts',
    right: 'if (budget.taken > budget.allowed) isViolating = true;',
    wrong: 'if (budget.taken <= budget.allowed) isViolating = true;',
  },
  {
    name: 'more pods are ended than needed',
    file: 'preemption/victim-search.ts',
    right: 'if (podClass.admits(slot)) continue;',
    wrong: 'if (false) continue;',
  },
  {
    name: 'the priority of victims matters less than their number',
    file: 'preemption/victim-ranking.ts',
    right: 'this.#costs[base + 1] = search.highest;',
    wrong: 'this.#costs[base + 1] = search.count;',
  },
  {
    name: 'a pod that waits for victims is not told when they are gone',
    file: 'preemption/nominations.ts',
    right: 'if (awaited?.size === 0) ready.push(nominee);',
    wrong: '',
  },
  {
    name: 'a pod that goes is no reason to look at its node again for those that fitted nowhere',
    file: 'cluster/cluster.ts',
    right: '    this.nodes.relieved.touch(slot);\n',
    wrong: '',
  },
  {
    name: 'a what-if question leaves a pod where it was tried',
    file: 'plan/trial.ts',
    right: 'this.#undo.reverse()',
    wrong: 'this.#undo.slice(1).reverse()',
  },
];
