/** The shape that all conditions of Kubernetes share. */
interface ConditionShape {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
}

export function findCondition<C extends ConditionShape>(
  conditions: readonly C[] | undefined,
  type: C['type'],
): C | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Puts `next` in the place of its predecessor; `lastTransitionTime` moves only when the status does. */
export function withCondition<C extends ConditionShape>(conditions: readonly C[] | undefined, next: C): readonly C[] {
  const before = findCondition(conditions, next.type);
  if (before === undefined) return [...(conditions ?? []), next];
  const kept =
    before.status === next.status && before.lastTransitionTime !== undefined
      ? { ...next, lastTransitionTime: before.lastTransitionTime }
      : next;
  return (conditions ?? []).map((condition) => (condition.type === next.type ? kept : condition));
}

export function withoutCondition<C extends ConditionShape>(
  conditions: readonly C[] | undefined,
  type: C['type'],
): readonly C[] {
  return (conditions ?? []).filter((condition) => condition.type !== type);
}
