import { badRequest } from '@berth/api';
import type { Consistency } from '@berth/store';
import { parseResourceVersion, type Query, queryText } from '../registry/list-options.ts';

/**
 * Berth's own word on how fresh a read must be, beside Kubernetes' `resourceVersion`: `consistency=linearizable` (the default),
 * `stale` (this server's state, also without a leader), or `bounded`, which is answered linearizable: never older than any
 * bound. `minRevision=N` waits until this server has seen N.
 */
export function readConsistency(query: Query): Consistency {
  const atLeast = parseResourceVersion(queryText(query, 'minRevision'));
  if (atLeast !== undefined) return { kind: 'atLeast', revision: atLeast };
  const asked = queryText(query, 'consistency') ?? 'linearizable';
  switch (asked) {
    case 'linearizable':
    case 'bounded':
      return { kind: 'linearizable' };
    case 'stale':
      return { kind: 'local' };
    default:
      throw badRequest(`consistency: must be linearizable, bounded or stale, got ${JSON.stringify(asked)}`);
  }
}

/** Of a read of one object: Kubernetes' `resourceVersion` counts first. */
export function getConsistency(query: Query): Consistency {
  const version = parseResourceVersion(queryText(query, 'resourceVersion'));
  if (version === undefined) return readConsistency(query);
  return version === 0 ? { kind: 'local' } : { kind: 'atLeast', revision: version };
}
