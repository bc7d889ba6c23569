import type { NodeSpec } from '@berth/api';
import type { PodCidrAllocation } from '../allocation/pod-cidr-allocation.ts';
import type { KindStrategy } from '../kind-strategy.ts';
import { forgetTurns } from '../node-line.ts';
import type { ObjectDraft } from '../object-draft.ts';
import type { StoredObject } from '../registry.ts';

/** Every node has its own block of pod addresses from the moment it exists until it is deleted. */
export function nodeStrategy(podCidrs: PodCidrAllocation): KindStrategy {
  return {
    async allocate(before, draft, claims, faults) {
      if (before !== undefined && specOf(before).podCIDR !== undefined) return;
      const spec = specOf(draft);
      const podCIDR = spec.podCIDR ?? (await podCidrs.takeAny(claims));
      if (spec.podCIDR !== undefined) await podCidrs.takeThis(claims, podCIDR, faults);
      draft['spec'] = { ...spec, podCIDR, podCIDRs: spec.podCIDRs ?? [podCIDR] };
    },
    free(object, claims) {
      claims.also(forgetTurns(object.metadata.name));
      const { podCIDR } = specOf(object);
      if (podCIDR !== undefined) podCidrs.free(claims, podCIDR);
    },
  };
}

function specOf(object: ObjectDraft | StoredObject): NodeSpec {
  return (object['spec'] as NodeSpec | undefined) ?? {};
}
