import type { Affinity, Node, Pod, PodAffinityTerm, Taint, Toleration, TopologySpreadConstraint } from '@berth/api';
import fc from 'fast-check';
import type { DisruptionBudget } from '../src/index.ts';
import { hostKey, node, pod, zoneKey } from './objects.ts';

/** One thing that happens to a cluster. */
export type Happening =
  | { readonly kind: 'node'; readonly node: Node }
  | { readonly kind: 'node-gone'; readonly name: string }
  | { readonly kind: 'pod'; readonly pod: Pod }
  | { readonly kind: 'pod-gone'; readonly uid: string }
  | { readonly kind: 'pod-terminating'; readonly uid: string }
  | { readonly kind: 'pod-relabelled'; readonly uid: string; readonly app: string }
  | { readonly kind: 'namespace'; readonly name: string; readonly team: string }
  | { readonly kind: 'victims-gone' }
  | { readonly kind: 'budget'; readonly budget: DisruptionBudget }
  | { readonly kind: 'binding-failed'; readonly uid: string }
  | { readonly kind: 'questions' }
  | { readonly kind: 'schedule'; readonly limit: number };

const nodeNames = ['n0', 'n1', 'n2', 'n3', 'n4', 'n5'];
const podNames = Array.from({ length: 14 }, (_, at) => `p${at}`);
/** Present once in `rarity` times. */
const optional = <T>(arbitrary: fc.Arbitrary<T>, rarity = 2): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 1, arbitrary }, { weight: rarity - 1, arbitrary: fc.constant(undefined) });
/** Drops the members that are undefined: API objects do not have such. */
const record = <T extends object>(members: { [K in keyof T]: fc.Arbitrary<T[K] | undefined> }): fc.Arbitrary<T> =>
  (fc.record(members as { [K in keyof T]: fc.Arbitrary<T[K]> }) as fc.Arbitrary<object>).map(
    (all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as T,
  );

const app = fc.constantFrom('x', 'y', 'z');
const taint: fc.Arbitrary<Taint> = fc.record({
  key: fc.constantFrom('gpu', 'team'),
  value: fc.constantFrom('a', 'b'),
  effect: fc.constantFrom('NoSchedule', 'NoExecute', 'PreferNoSchedule'),
});
const toleration: fc.Arbitrary<Toleration> = fc.oneof(
  record<Toleration>({
    key: fc.constantFrom('gpu', 'team'),
    operator: fc.constantFrom('Equal', 'Exists'),
    value: fc.constantFrom('a', 'b'),
    effect: optional(fc.constantFrom('NoSchedule', 'NoExecute', 'PreferNoSchedule')),
  }).map(({ value, ...rest }) => (rest.operator === 'Exists' || value === undefined ? rest : { ...rest, value })),
  fc.constant({ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }),
  fc.constant({ operator: 'Exists' }),
);

export const someNode: fc.Arbitrary<Node> = fc
  .record({
    name: fc.constantFrom(...nodeNames),
    zone: fc.constantFrom('a', 'a', 'b', 'b', undefined),
    disk: optional(fc.constantFrom('ssd', 'hdd')),
    size: optional(fc.constantFrom('1', '5', '9')),
    cpu: fc.constantFrom('1', '2', '3500m'),
    memory: fc.constantFrom('1Gi', '2Gi', '3Gi'),
    pods: fc.constantFrom('2', '4', '110'),
    widgets: fc.constantFrom('0', '2'),
    taints: optional(fc.array(taint, { minLength: 1, maxLength: 2 }), 4).map((some) => some ?? []),
    unschedulable: fc.integer({ min: 0, max: 7 }).map((roll) => roll === 0),
    isHostless: fc.integer({ min: 0, max: 9 }).map((roll) => roll === 0),
  })
  .map(({ name, zone, disk, size, widgets, isHostless, ...rest }) => {
    const made = node(name, {
      ...rest,
      ...(zone === undefined ? {} : { zone }),
      labels: { ...(disk === undefined ? {} : { disk }), ...(size === undefined ? {} : { size }) },
      extra: { 'example.com/widget': widgets },
    });
    if (!isHostless) return made;
    const { [hostKey]: _host, ...labels } = made.metadata.labels ?? {};
    return { ...made, metadata: { ...made.metadata, labels } };
  });

const selector = fc.oneof(
  app.map((value) => ({ matchLabels: { app: value } })),
  fc.constant({}),
  app.map((value) => ({ matchExpressions: [{ key: 'app', operator: 'NotIn', values: [value] }] })),
);
const term: fc.Arbitrary<PodAffinityTerm> = record<PodAffinityTerm>({
  topologyKey: fc.constantFrom(zoneKey, hostKey, 'disk'),
  labelSelector: fc.oneof({ weight: 9, arbitrary: selector }, { weight: 1, arbitrary: fc.constant(undefined) }),
  namespaces: optional(fc.constantFrom(['one'], ['two']), 4),
  namespaceSelector: optional(fc.constantFrom({}, { matchLabels: { team: 'red' } }), 4),
  matchLabelKeys: optional(fc.constant(['rev']), 5),
  mismatchLabelKeys: optional(fc.constant(['tier']), 6),
});
const terms = fc.array(term, { maxLength: 2 });
const wishes = fc.array(fc.record({ weight: fc.integer({ min: 1, max: 100 }), podAffinityTerm: term }), {
  maxLength: 2,
});
const podAffinity = record<NonNullable<Affinity['podAffinity']>>({
  requiredDuringSchedulingIgnoredDuringExecution: optional(terms),
  preferredDuringSchedulingIgnoredDuringExecution: optional(wishes),
});
const nodeTerm = fc.oneof(
  fc
    .constantFrom('In', 'NotIn')
    .map((operator) => ({ matchExpressions: [{ key: 'disk', operator, values: ['ssd'] }] })),
  fc.constantFrom('Gt', 'Lt').map((operator) => ({ matchExpressions: [{ key: 'size', operator, values: ['5'] }] })),
  fc.constantFrom('Exists', 'DoesNotExist').map((operator) => ({ matchExpressions: [{ key: zoneKey, operator }] })),
  fc.constantFrom(...nodeNames).map((name) => ({
    matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }],
  })),
);
const affinity: fc.Arbitrary<Affinity> = record<Affinity>({
  nodeAffinity: optional(
    record<NonNullable<Affinity['nodeAffinity']>>({
      requiredDuringSchedulingIgnoredDuringExecution: optional(
        fc.array(nodeTerm, { minLength: 1, maxLength: 2 }).map((nodeSelectorTerms) => ({ nodeSelectorTerms })),
        3,
      ),
      preferredDuringSchedulingIgnoredDuringExecution: optional(
        fc.array(fc.record({ weight: fc.integer({ min: 1, max: 100 }), preference: nodeTerm }), { maxLength: 2 }),
      ),
    }),
  ),
  podAffinity: optional(podAffinity),
  podAntiAffinity: optional(podAffinity),
});
const constraint: fc.Arbitrary<TopologySpreadConstraint> = record<TopologySpreadConstraint>({
  maxSkew: fc.integer({ min: 1, max: 3 }),
  topologyKey: fc.constantFrom(zoneKey, hostKey, 'disk'),
  whenUnsatisfiable: fc.constantFrom('DoNotSchedule', 'DoNotSchedule', 'ScheduleAnyway'),
  labelSelector: fc.oneof({ weight: 9, arbitrary: selector }, { weight: 1, arbitrary: fc.constant(undefined) }),
  minDomains: optional(fc.integer({ min: 1, max: 3 }), 4),
  nodeAffinityPolicy: optional(fc.constantFrom('Honor', 'Ignore'), 3),
  nodeTaintsPolicy: optional(fc.constantFrom('Honor', 'Ignore'), 3),
  matchLabelKeys: optional(fc.constant(['rev']), 5),
});

export const somePod: fc.Arbitrary<Pod> = fc
  .record({
    uid: fc.constantFrom(...podNames),
    namespace: fc.constantFrom('one', 'two'),
    labels: record<{ app: string; rev: string; tier: string }>({
      app,
      rev: optional(fc.constantFrom('1', '2')),
      tier: optional(fc.constantFrom('web', 'db')),
    }),
    owner: optional(fc.constantFrom('rs1', 'rs2')),
    cpu: fc.constantFrom('', '100m', '500m', '1500m'),
    memory: fc.constantFrom('', '100Mi', '600Mi'),
    widgets: optional(fc.constantFrom('1', '2'), 5),
    hostPorts: optional(
      fc.array(
        record<{ hostPort: number; hostIP: string; protocol: string }>({
          hostPort: fc.constantFrom(80, 443),
          hostIP: optional(fc.constantFrom('0.0.0.0', '10.0.0.1', '10.0.0.2')),
          protocol: optional(fc.constantFrom('TCP', 'UDP')),
        }),
        { minLength: 1, maxLength: 2 },
      ),
      6,
    ),
    node: optional(fc.constantFrom(...nodeNames), 6),
    created: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z', '2025-12-31T23:59:59Z'),
    priority: fc.constantFrom(0, 0, 0, 5, 10),
    preemptionPolicy: optional(fc.constant('Never'), 4),
    promise: optional(fc.constantFrom(...nodeNames), 9),
    nodeSelector: optional(fc.constantFrom({ disk: 'ssd' }, { [zoneKey]: 'a' }), 6),
    affinity: optional(affinity, 2),
    tolerations: optional(fc.array(toleration, { maxLength: 2 }), 3),
    topologySpreadConstraints: optional(fc.array(constraint, { minLength: 1, maxLength: 2 }), 3),
  })
  .map(
    ({
      uid,
      widgets,
      priority,
      preemptionPolicy,
      promise,
      nodeSelector,
      affinity,
      tolerations,
      topologySpreadConstraints,
      ...rest
    }) => {
      const spec = {
        priority,
        preemptionPolicy,
        nodeSelector,
        affinity,
        tolerations,
        topologySpreadConstraints,
      };
      const present = (all: object): object =>
        Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
      const made = pod(uid, {
        ...(present(rest) as typeof rest & { owner: string; node: string; hostPorts: [] }),
        requests: widgets === undefined ? {} : { 'example.com/widget': widgets },
        spec: present(spec),
      });
      const isPending = made.spec.nodeName === undefined;
      return promise === undefined || !isPending ? made : { ...made, status: { nominatedNodeName: promise } };
    },
  );

const budget: fc.Arbitrary<DisruptionBudget> = fc
  .record({ namespace: fc.constantFrom('one', 'two'), app, disruptionsAllowed: fc.integer({ min: 0, max: 3 }) })
  .map(({ namespace, app: name, disruptionsAllowed }) => ({
    metadata: { namespace, name },
    spec: { selector: { matchLabels: { app: name } } },
    status: { disruptionsAllowed },
  }));

const schedule: fc.Arbitrary<Happening> = fc.constantFrom(1, 100, 100).map((limit) => ({ kind: 'schedule', limit }));

function happening(
  someNode: fc.Arbitrary<Node>,
  somePod: fc.Arbitrary<Pod>,
  nodeWeight: number,
): fc.Arbitrary<Happening> {
  const uid = fc.constantFrom(...podNames);
  const relabelled = fc
    .tuple(uid, app)
    .map(([name, to]): Happening => ({ kind: 'pod-relabelled', uid: name, app: to }));
  const namespace = fc
    .tuple(fc.constantFrom('one', 'two'), fc.constantFrom('red', 'blue'))
    .map(([name, team]): Happening => ({ kind: 'namespace', name, team }));
  return fc.oneof(
    { weight: nodeWeight, arbitrary: someNode.map((made): Happening => ({ kind: 'node', node: made })) },
    { weight: 1, arbitrary: fc.constantFrom(...nodeNames).map((name): Happening => ({ kind: 'node-gone', name })) },
    { weight: 14, arbitrary: somePod.map((made): Happening => ({ kind: 'pod', pod: made })) },
    { weight: 3, arbitrary: uid.map((name): Happening => ({ kind: 'pod-gone', uid: name })) },
    { weight: 1, arbitrary: uid.map((name): Happening => ({ kind: 'pod-terminating', uid: name })) },
    { weight: 1, arbitrary: uid.map((name): Happening => ({ kind: 'binding-failed', uid: name })) },
    { weight: 1, arbitrary: relabelled },
    { weight: 1, arbitrary: namespace },
    { weight: 2, arbitrary: budget.map((made): Happening => ({ kind: 'budget', budget: made })) },
    { weight: 3, arbitrary: fc.constant<Happening>({ kind: 'victims-gone' }) },
    { weight: 2, arbitrary: fc.constant<Happening>({ kind: 'questions' }) },
    { weight: 5, arbitrary: schedule },
  );
}

/** Begins with a few nodes, so that most pods have a choice; ends with a decision on whatever waits. */
function historyOf(
  nodes: fc.Arbitrary<readonly Node[]>,
  each: fc.Arbitrary<Happening>,
): fc.Arbitrary<readonly Happening[]> {
  return fc
    .tuple(nodes, fc.array(each, { minLength: 5, maxLength: 50 }))
    .map(([first, later]) => [
      ...first.map((made): Happening => ({ kind: 'node', node: made })),
      ...later,
      { kind: 'schedule', limit: 1000 },
    ]);
}

const fewNodes = fc.array(someNode, { minLength: 2, maxLength: 6 });

/** All kinds of rules on nodes that have room. */
export const history: fc.Arbitrary<readonly Happening[]> = historyOf(fewNodes, happening(someNode, somePod, 6));

/** The same with many pods of few kinds, as controllers make them. */
export const replicatedHistory: fc.Arbitrary<readonly Happening[]> = fc
  .array(somePod, { minLength: 1, maxLength: 3 })
  .chain((templates) => {
    const replica = fc.tuple(fc.constantFrom(...podNames), fc.constantFrom(...templates)).map(
      ([
        uid,
        {
          metadata,
          spec: { nodeName: _, ...spec },
        },
      ]): Pod => {
        const named = { ...metadata, name: uid, uid };
        return { apiVersion: 'v1', kind: 'Pod', metadata: named, spec };
      },
    );
    return historyOf(fewNodes, happening(someNode, replica, 2));
  });

const smallNode: fc.Arbitrary<Node> = fc
  .tuple(fc.constantFrom('n0', 'n1'), fc.constantFrom('a', 'b'), fc.constantFrom('1', '1500m'))
  .map(([name, zone, cpu]) => node(name, { zone, cpu, pods: '4' }));

const importantPod: fc.Arbitrary<Pod> = fc
  .tuple(somePod, fc.constantFrom('300m', '500m', '900m'), fc.integer({ min: 0, max: 3 }), fc.nat({ max: 5 }))
  .map(([made, cpu, priority, roll]) => {
    const { tolerations: _, nodeSelector: __, topologySpreadConstraints, affinity, ...spec } = made.spec;
    const rules = {
      ...(affinity === undefined ? {} : { affinity }),
      ...(topologySpreadConstraints === undefined ? {} : { topologySpreadConstraints }),
    };
    const containers = spec.containers.map((each) => ({ ...each, resources: { requests: { cpu } } }));
    return { ...made, spec: { ...spec, priority, containers, ...(roll === 0 ? rules : {}) } };
  });

/** Too little room for pods of several priorities. */
export const crowdedHistory: fc.Arbitrary<readonly Happening[]> = historyOf(
  fc.array(smallNode, { minLength: 1, maxLength: 3 }),
  happening(smallNode, importantPod, 1),
);
