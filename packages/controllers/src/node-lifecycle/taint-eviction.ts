import { type Pod, parseTime, type Stored, type Taint } from '@berth/api';
import type { Now, Plan, Write } from '../controller.ts';
import { objectKey } from '../object-key.ts';
import { isActive } from '../pod-state.ts';
import { toleratedMs } from '../toleration.ts';
import { isManagedTaint } from './condition-taints.ts';

/**
 * Deletes pods that do not tolerate the `NoExecute` taints of their node, or no longer do. The taints that say that the node
 * itself is in trouble evict only pods that set themselves a limit with `tolerationSeconds`: all others are
 * replaced elsewhere without being deleted, and kept if the node comes back.
 */
export function evictions(pods: readonly Stored<Pod>[], taints: readonly Taint[], now: Now): Plan {
  const executing = taints.filter(({ effect }) => effect === 'NoExecute');
  if (executing.length === 0) return { writes: [] };
  const writes: Write[] = [];
  let nextMs = Number.POSITIVE_INFINITY;
  for (const pod of pods) {
    if (!isActive(pod)) continue;
    const remainingMs = Math.min(...executing.map((taint) => stayMs(pod, taint, now)));
    if (remainingMs <= 0) writes.push(eviction(pod));
    else nextMs = Math.min(nextMs, remainingMs);
  }
  return { writes, ...(Number.isFinite(nextMs) ? { requeueAfterMs: nextMs } : {}) };
}

/** How long the pod may still stay as far as this taint is concerned. */
function stayMs(pod: Stored<Pod>, taint: Taint, now: Now): number {
  const allowed = toleratedMs(pod.spec.tolerations, taint);
  if (allowed === undefined) return isManagedTaint(taint) ? Number.POSITIVE_INFINITY : 0;
  const tainted = parseTime(taint.timeAdded ?? '') ?? now.wallMs;
  const started = parseTime(pod.status?.startTime ?? pod.metadata.creationTimestamp) ?? tainted;
  return Math.max(tainted, started) + allowed - now.wallMs;
}

function eviction(pod: Stored<Pod>): Write {
  return {
    kind: 'delete',
    resource: 'pods',
    key: objectKey(pod),
    uid: pod.metadata.uid,
    event: {
      about: pod,
      type: 'Normal',
      reason: 'TaintManagerEviction',
      message: `Marking for deletion Pod ${objectKey(pod)}`,
    },
  };
}
