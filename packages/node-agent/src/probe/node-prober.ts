import type { Pod } from '@berth/api';
import type { World } from '@berth/world';
import type { EventSink } from '../pod/pod-ports.ts';
import { isBeingDeleted, newestMember, type PodSituation, specifiedContainers } from '../pod/pod-situation.ts';
import { ContainerProber, type ProbeReport } from './container-prober.ts';
import type { HealthChecker } from './health-check.ts';
import { type ProbeKind, probesOf } from './probe-settings.ts';

export interface NodeProberOptions {
  readonly world: World;
  readonly checker: HealthChecker;
  readonly events: EventSink;
  readonly hostIps: () => readonly string[];
  readonly onReport: (uid: string, containerId: string, report: ProbeReport) => void;
  readonly onOutcome: (kind: ProbeKind, ok: boolean) => void;
}

/** The probes of all pods of the node. */
export class NodeProber implements Disposable {
  readonly #options: NodeProberOptions;
  /** By pod, then by engine id. */
  readonly #probers = new Map<string, Map<string, ContainerProber>>();

  constructor(options: NodeProberOptions) {
    this.#options = options;
  }

  [Symbol.dispose](): void {
    for (const uid of [...this.#probers.keys()]) this.#stopAll(uid);
  }

  /** Starts and stops probers so that just the running containers of the pod are probed. */
  follow(situation: PodSituation): void {
    const { uid, goal } = situation;
    if (goal.kind === 'gone') {
      this.#stopAll(uid);
      return;
    }
    const { pod } = goal;
    const probers = this.#probers.get(uid) ?? new Map<string, ContainerProber>();
    const alive = new Set<string>();
    for (const { spec, role } of specifiedContainers(pod)) {
      const probes = probesOf(spec);
      const member = probes.length === 0 ? undefined : newestMember(situation, spec.name);
      if (member?.state.kind !== 'running') continue;
      alive.add(member.id);
      if (!probers.has(member.id)) {
        const { startedAtMs } = member.state;
        probers.set(
          member.id,
          this.#open(situation, pod, { name: spec.name, role, id: member.id, startedAtMs, probes }),
        );
      }
      if (isBeingDeleted(pod)) probers.get(member.id)?.terminate();
    }
    for (const [id, prober] of probers) {
      if (alive.has(id)) continue;
      prober[Symbol.dispose]();
      probers.delete(id);
    }
    if (probers.size > 0) this.#probers.set(uid, probers);
    else this.#probers.delete(uid);
  }

  forget(uid: string): void {
    this.#stopAll(uid);
  }

  #open(situation: PodSituation, pod: Pod, container: ProbedContainer): ContainerProber {
    const { world, checker, events, hostIps, onReport, onOutcome } = this.#options;
    const { uid, sandboxes, memory } = situation;
    const { name, role, id, startedAtMs, probes } = container;
    const podIp = sandboxes[0]?.identity.podIp ?? '';
    const address = pod.spec.hostNetwork === true ? (hostIps()[0] ?? '127.0.0.1') : podIp;
    const run = memory.runs.get(id);
    return new ContainerProber({
      target: { pod, container: name, containerId: id, address },
      probes,
      startedAtMs,
      known: { startup: run?.startup, readiness: run?.readiness },
      world,
      checker,
      onReport: (report) => onReport(uid, id, report),
      onFailure: (kind, message) => {
        const shown = `${kind[0]?.toUpperCase()}${kind.slice(1)} probe failed: ${message}`;
        events.tell(pod, { type: 'Warning', container: name, role, reason: 'Unhealthy', message: shown });
      },
      onOutcome,
    });
  }

  #stopAll(uid: string): void {
    for (const prober of this.#probers.get(uid)?.values() ?? []) prober[Symbol.dispose]();
    this.#probers.delete(uid);
  }
}

interface ProbedContainer {
  readonly name: string;
  readonly role: 'init' | 'container';
  readonly id: string;
  readonly startedAtMs: number;
  readonly probes: ReturnType<typeof probesOf>;
}
