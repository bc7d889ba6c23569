import type { MemberInspection } from './stopped-member.ts';

/** A stopped member, by whatever name its operator knows it, and what was found there. */
export interface Survivor {
  readonly name: string;
  readonly inspection: Pick<MemberInspection, 'clusterId' | 'lastTerm' | 'lastIndex' | 'storage'>;
}

export interface SurvivorChoice {
  /** To be recovered; undefined when none may be without accepting a loss. */
  readonly recommended: string | undefined;
  /** For the operator. */
  readonly reason: string;
  /** Best first. */
  readonly ranking: readonly Survivor[];
}

/**
 * Of several survivors the one to recover from. As in an election the last entry decides, its term before its index: whoever has the greater one
 * has everything that the others can have acknowledged. A quarantined member has lost a promise, so it comes last.
 */
export function chooseSurvivor(survivors: readonly Survivor[]): SurvivorChoice {
  const ranking = [...survivors].sort(byWorth);
  const [best] = ranking;
  if (best === undefined) return { recommended: undefined, reason: 'there is no survivor to look at', ranking };
  const clusters = new Set(survivors.map(({ inspection }) => inspection.clusterId));
  if (clusters.size > 1) {
    const reason = `these are members of different clusters: ${[...clusters].join(', ')}`;
    return { recommended: undefined, reason, ranking };
  }
  const { lastTerm, lastIndex, storage } = best.inspection;
  if (storage.verdict === 'quarantined') {
    const lost = storage.reasons.join('; ');
    const reason = `every survivor has lost something that was acknowledged (${best.name}: ${lost}): restore a snapshot, or accept the loss`;
    return { recommended: undefined, reason, ranking };
  }
  const reason = `${best.name} holds the latest entry, index ${lastIndex} of term ${lastTerm}, and nothing of it is damaged`;
  return { recommended: best.name, reason, ranking };
}

function byWorth({ inspection: a }: Survivor, { inspection: b }: Survivor): number {
  const quarantined = ({ storage }: Survivor['inspection']): number => Number(storage.verdict === 'quarantined');
  return quarantined(a) - quarantined(b) || b.lastTerm - a.lastTerm || b.lastIndex - a.lastIndex;
}
