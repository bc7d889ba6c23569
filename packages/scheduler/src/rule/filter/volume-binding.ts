import type { FactsFilter, RuleContext, Subject } from '../rule.ts';

/** Claims must exist and be bound or bindable, and the node must reach their volumes. */
export const volumeBinding: FactsFilter = {
  name: 'VolumeBinding',
  scope: 'facts',
  key: ({ spec, labels }, { claims }) =>
    spec.claims.map((name) => `${labels.namespace}/${name} ${claims.find(labels.namespace, name)?.version}`).join(),
  prepare: ({ subject, settings }) => {
    if (subject.spec.claims.length === 0) return undefined;
    const obstacle = obstacleFor(subject, settings);
    if (obstacle !== undefined) return { admits: () => false, reason: () => obstacle };
    const claims = subject.spec.claims.map((name) => settings.claims.find(subject.labels.namespace, name));
    return {
      admits: (node) => claims.every((claim) => claim?.reaches(node) === true),
      reason: () => 'node(s) had volume node affinity conflict',
    };
  },
};

/** What keeps the pod off every node. */
function obstacleFor({ spec, labels }: Subject, { claims }: RuleContext['settings']): string | undefined {
  for (const name of spec.claims) {
    const claim = claims.find(labels.namespace, name);
    if (claim === undefined) return `persistentvolumeclaim "${name}" not found`;
    if (claim.state === 'pending') return 'pod has unbound immediate PersistentVolumeClaims';
  }
  return undefined;
}
