import { hardSpread, type ResolvedSpread } from '../../pod/spread-constraint.ts';
import type { RuleContext, TopologyFilter, TopologyTest } from '../rule.ts';

const refusal = "node(s) didn't match pod topology spread constraints";

/**
 * `topologySpreadConstraints` with `DoNotSchedule`: a domain may not get further than maxSkew ahead of the one with the
 * fewest pods. With fewer domains than minDomains the fewest are taken to be none.
 */
export const podTopologySpread: TopologyFilter = {
  name: 'PodTopologySpread',
  scope: 'topology',
  key: (subject) =>
    subject.spec.spread.length === 0
      ? ''
      : hardSpread(subject)
          .map(({ key }) => key)
          .join('\n'),
  prepare: (context) => hardSpread(context.subject).map((constraint) => spreadTest(constraint, context)),
};

function spreadTest(constraint: ResolvedSpread, { cluster, acquire }: RuleContext): TopologyTest {
  const { maxSkew, minDomains, criterion, inclusion, countsItself } = constraint;
  const topologyKey = cluster.topology.key(constraint.topologyKey);
  const counter = acquire({
    kind: 'match',
    criterion,
    topologyKey,
    countsTerminating: false,
    tracksLeast: true,
    ...(inclusion === undefined ? {} : { inclusion }),
  });
  const own = countsItself ? 1 : 0;
  const least = (): number => (counter.eligibleDomains < minDomains ? 0 : counter.least);
  return {
    topologyKey,
    epoch: least,
    admits: (slot) => {
      const domain = topologyKey.domainOf[slot] as number;
      return domain >= 0 && (counter.counts[domain] ?? 0) + own - least() <= maxSkew;
    },
    explain: (slot, sink) => {
      if ((topologyKey.domainOf[slot] as number) >= 0) sink.add(refusal, 'pods');
      else sink.add(`${refusal} (missing required label)`, 'nothing');
    },
  };
}
