import type { Container, Pod, Probe } from '@berth/api';

export type ProbeKind = 'startup' | 'readiness' | 'liveness';

/** A probe with Kubernetes' defaults filled in. */
export interface ProbeSettings {
  readonly kind: ProbeKind;
  readonly probe: Probe;
  readonly initialDelayMs: number;
  readonly periodMs: number;
  readonly timeoutMs: number;
  /** In a row. */
  readonly successThreshold: number;
  readonly failureThreshold: number;
}

export function probesOf({ startupProbe, readinessProbe, livenessProbe }: Container): readonly ProbeSettings[] {
  return [
    ...settings('startup', startupProbe),
    ...settings('readiness', readinessProbe),
    ...settings('liveness', livenessProbe),
  ];
}

function settings(kind: ProbeKind, probe: Probe | undefined): readonly ProbeSettings[] {
  if (probe === undefined) return [];
  return [
    {
      kind,
      probe,
      initialDelayMs: (probe.initialDelaySeconds ?? 0) * 1000,
      periodMs: (probe.periodSeconds ?? 10) * 1000,
      timeoutMs: (probe.timeoutSeconds ?? 1) * 1000,
      successThreshold: probe.successThreshold ?? 1,
      failureThreshold: probe.failureThreshold ?? 3,
    },
  ];
}

/** A port by number, or by its name among the container's ports. Undefined when there is none of that name. */
export function portNumber(pod: Pod, container: string, port: number | string): number | undefined {
  if (typeof port === 'number') return port;
  if (/^\d+$/.test(port)) return Number(port);
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const own = all.find(({ name }) => name === container);
  return own?.ports?.find(({ name }) => name === port)?.containerPort;
}
