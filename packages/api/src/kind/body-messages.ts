import { scaleMessage } from '../autoscaling/v1/scale.ts';
import { bindingMessage } from '../core/v1/binding.ts';
import { evictionMessage } from '../policy/v1/eviction.ts';
import type { Message } from '../schema/message.ts';
import type { GroupVersionKind } from './kind.ts';

/** Kinds that travel in the bodies of sub-resources and are not stored. */
export const bodyMessages: readonly (GroupVersionKind & { readonly message: Message<object> })[] = [
  { group: '', version: 'v1', kind: 'Binding', message: bindingMessage },
  { group: 'autoscaling', version: 'v1', kind: 'Scale', message: scaleMessage },
  { group: 'policy', version: 'v1', kind: 'Eviction', message: evictionMessage },
];
