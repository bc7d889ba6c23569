import { type Container, cpuMillis, type Pod, qosClass, wholeAmount } from '@berth/api';
import type { ContainerResources } from '../engine/container-spec.ts';

/** Kernel's least values: a container without a request gets the smallest weight, one with a tiny limit the smallest quota. */
const sharesMin = 2;
const sharesPerCpu = 1024;
const quotaMicrosMin = 1000;
const periodMicros = 100_000;

/** What the kernel is told to enforce; the mapping is the kubelet's. */
export function resourceSettings(pod: Pod, container: Container, nodeMemoryBytes: number): ContainerResources {
  const { requests, limits } = container.resources ?? {};
  const cpuRequest = requests?.['cpu'] ?? limits?.['cpu'];
  const cpuLimit = limits?.['cpu'];
  const memoryLimit = limits?.['memory'];
  return {
    cpuShares:
      cpuRequest === undefined
        ? sharesMin
        : Math.max(sharesMin, Math.floor((cpuMillis(cpuRequest) * sharesPerCpu) / 1000)),
    cpuQuotaMicros:
      cpuLimit === undefined ? 0 : Math.max(quotaMicrosMin, Math.floor((cpuMillis(cpuLimit) * periodMicros) / 1000)),
    memoryBytes: memoryLimit === undefined ? 0 : wholeAmount(memoryLimit),
    oomScoreAdjust: oomScoreAdjust(pod, container, nodeMemoryBytes),
  };
}

/**
 * Who goes first when memory runs out: whoever asked for nothing, then whoever asked for little. The kubelet protects Guaranteed pods with a
 * negative value; not every machine allows that, so here they stay at the kernel's neutral 0, below all others.
 */
function oomScoreAdjust(pod: Pod, container: Container, nodeMemoryBytes: number): number {
  const qos = pod.status?.qosClass ?? qosClass(pod.spec);
  if (qos === 'Guaranteed') return 0;
  if (qos === 'BestEffort') return 1000;
  const requested = wholeAmount(container.resources?.requests?.['memory'] ?? '0');
  const adjust = 1000 - Math.floor((1000 * requested) / nodeMemoryBytes);
  return Math.min(999, Math.max(3, adjust));
}
