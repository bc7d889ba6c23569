import type { Pod, Stored } from '@berth/api';
import type { View } from '../controller.ts';
import { isFinished } from '../pod-state.ts';
import { type Family, isObserved, specSize, wantedReplicas } from './family.ts';
import type { Sizing } from './rolling-update.ts';

/** `Recreate`: everything old goes first; `undefined` while it is still going. */
export function recreationSizes(family: Family, view: View): Sizing | undefined {
  const living = family.old.filter((replicaSet) => specSize(replicaSet) > 0);
  if (living.length > 0) {
    return {
      current: specSize(family.current),
      old: new Map(living.map(({ metadata }) => [metadata.name, 0])),
    };
  }
  const stillRunning = family.old.some(({ metadata }) =>
    view.ownedBy<Stored<Pod>>('pods', metadata.uid).some((pod) => !isFinished(pod)),
  );
  return stillRunning || !family.old.every(isObserved)
    ? undefined
    : { current: wantedReplicas(family.deployment), old: new Map() };
}
