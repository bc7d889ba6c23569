import type { Service } from '@berth/api';
import { allocateForService, freeOfService, type ServicePools } from '../allocation/service-allocation.ts';
import type { KindStrategy } from '../kind-strategy.ts';
import type { ObjectDraft } from '../object-draft.ts';
import type { StoredObject } from '../registry.ts';

/** Services get their virtual address and node ports with the write that asks for them. */
export function serviceStrategy(pools: ServicePools): KindStrategy {
  return {
    async allocate(before, draft, claims, faults) {
      const held = before === undefined ? undefined : specOf(before);
      draft['spec'] = await allocateForService(pools, claims, held, specOf(draft), faults);
    },
    free: (object, claims) => freeOfService(pools, claims, specOf(object)),
  };
}

function specOf(object: ObjectDraft | StoredObject): Service['spec'] {
  return object['spec'] as Service['spec'];
}
