import { type ResolvedSpread, softSpread } from '../../pod/spread-constraint.ts';
import type { DomainScore, RuleContext, TopologyScore } from '../rule.ts';

/** What a node without the label of a constraint costs: as much as ten pods too many. */
const missingLabelCost = 1000;

/**
 * `topologySpreadConstraints` with `ScheduleAnyway`, and the profile's own spread of an owner's pods: each pod that a domain
 * has already costs 100 / maxSkew.
 */
export const topologyBalance: TopologyScore = {
  name: 'TopologyBalance',
  scope: 'topology',
  key: (subject, settings) =>
    softSpread(subject, settings)
      .map(({ key }) => key)
      .join('\n'),
  prepare: (context) => {
    const isOwn = context.subject.spec.spread.length > 0;
    return softSpread(context.subject, context.settings).map((constraint) =>
      balanceScore(constraint, context, isOwn ? missingLabelCost : 0),
    );
  },
};

function balanceScore(constraint: ResolvedSpread, { cluster, acquire }: RuleContext, missingCost: number): DomainScore {
  const { criterion, inclusion } = constraint;
  const topologyKey = cluster.topology.key(constraint.topologyKey);
  const counter = acquire({
    kind: 'match',
    criterion,
    topologyKey,
    countsTerminating: false,
    tracksLeast: false,
    ...(inclusion === undefined ? {} : { inclusion }),
  });
  const cost = 100 / constraint.maxSkew;
  return {
    topologyKey,
    isPenalty: true,
    score: (slot) => {
      const domain = topologyKey.domainOf[slot] as number;
      return domain < 0 ? -missingCost : -Math.floor(cost * (counter.counts[domain] ?? 0));
    },
  };
}
