import type { Namespace, Node, Pod, Stored } from '@berth/api';
import type { Explanation, Headroom, NodeLoss, RebalanceLimits, RebalancePlan, Session } from '@berth/scheduler';
import type { Timers } from '@berth/world';
import type { ObjectCache } from '../registry/object-cache.ts';
import { budgetChange, budgetResource } from './budget-change.ts';
import type { ClusterChange, SchedulerChoice } from './placement-engine.ts';
import { sessionFor, takeStep } from './session-step.ts';
import { labelsOfNamespace, slimNode, slimPod } from './slim-object.ts';

/** Objects told at once before other work gets its turn. */
const sliceLength = 500;

export interface PlacementQuestionsOptions {
  readonly cache: Pick<ObjectCache, 'get' | 'list' | 'revision'>;
  /** As the scheduler itself is run with. */
  readonly schedulers: readonly SchedulerChoice[];
  readonly timers: Pick<Timers, 'sleep'>;
}

/** An answer, and the state of the cluster that it was given for. */
export interface Answered<T> {
  readonly revision: number;
  readonly answer: T;
}

/** A move as people call pods. */
export interface PlannedMove {
  readonly namespace: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly gain: number;
}

/**
 * What would the scheduler do? Asked of a session of its own, made of what this server knows at this moment: the scheduler at work is not
 * disturbed, any server can answer, also without a leader, and nothing is changed.
 */
export class PlacementQuestions {
  readonly #options: PlacementQuestionsOptions;
  /** Sessions are made one after the other: each may take a second in a large cluster. */
  #busy: Promise<unknown> = Promise.resolve();

  constructor(options: PlacementQuestionsOptions) {
    this.#options = options;
  }

  /** Undefined when there is no such pod. */
  explain(namespace: string, name: string): Promise<Answered<Explanation> | undefined> {
    return this.#ask((session) => {
      const uid = this.#options.cache.get<Stored<Pod>>('pods', `${namespace}/${name}`)?.metadata.uid;
      return uid === undefined ? undefined : session.explain(uid);
    }).then(({ revision, answer }) => (answer === undefined ? undefined : { revision, answer }));
  }

  async rebalance(
    limits: RebalanceLimits,
  ): Promise<Answered<Omit<RebalancePlan, 'moves'> & { readonly moves: readonly PlannedMove[] }>> {
    const names = this.#namesOfPods();
    const { revision, answer } = await this.#ask((session) => session.planMoves(limits));
    const moves = answer.moves.map(({ uid, ...move }) => {
      const { namespace = '', name = '' } = names.get(uid) ?? {};
      return { namespace, name, ...move };
    });
    return { revision, answer: { ...answer, moves } };
  }

  /** How many more pods like this one fit; undefined when there is no such pod. */
  async headroom(namespace: string, name: string, copiesMax: number): Promise<Answered<Headroom> | undefined> {
    const pod = this.#options.cache.get<Stored<Pod>>('pods', `${namespace}/${name}`);
    return pod === undefined ? undefined : this.#ask((session) => session.headroom(unplaced(pod), copiesMax));
  }

  /** What would become of the pods of these nodes if all of them were lost together; `stranded` are `namespace/name`. */
  async nodeLoss(nodes: readonly string[]): Promise<Answered<NodeLoss>> {
    const names = this.#namesOfPods();
    const { revision, answer } = await this.#ask((session) => session.nodeLoss(nodes));
    const stranded = answer.stranded.map((uid) => {
      const { namespace = '', name = '' } = names.get(uid) ?? {};
      return `${namespace}/${name}`;
    });
    return { revision, answer: { ...answer, stranded } };
  }

  #namesOfPods(): ReadonlyMap<string, Pod['metadata']> {
    return new Map(this.#options.cache.list<Stored<Pod>>('pods').map(({ metadata }) => [metadata.uid, metadata]));
  }

  #ask<T>(question: (session: Session) => T): Promise<Answered<T>> {
    const asked = this.#busy.then(async () => {
      const { cache, schedulers, timers } = this.#options;
      const { revision } = cache;
      const changes = this.#snapshot();
      const session = sessionFor(schedulers);
      for (let from = 0; from < changes.length; from += sliceLength) {
        if (from > 0) await timers.sleep(0);
        takeStep(session, { changes: changes.slice(from, from + sliceLength), decisions: 0, reviews: 0 }, () => 0);
      }
      return { revision, answer: question(session) };
    });
    this.#busy = asked.catch(() => undefined);
    return asked;
  }

  #snapshot(): readonly ClusterChange[] {
    const { cache } = this.#options;
    return [
      ...cache.list<Stored<Namespace>>('namespaces').map(
        (namespace): ClusterChange => ({
          kind: 'namespace',
          name: namespace.metadata.name,
          labels: labelsOfNamespace(namespace),
        }),
      ),
      ...cache.list<Stored<Node>>('nodes').map((node): ClusterChange => ({ kind: 'node', node: slimNode(node) })),
      ...cache.list(budgetResource).map((budget): ClusterChange => budgetChange(budget as never)),
      ...cache.list<Stored<Pod>>('pods').map((pod): ClusterChange => ({ kind: 'pod', pod: slimPod(pod) })),
    ];
  }
}

function unplaced(pod: Pod): Pod {
  const { nodeName: _, ...spec } = slimPod(pod).spec;
  return { ...slimPod(pod), spec };
}
