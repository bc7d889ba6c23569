import type { World } from '@berth/world';
import type { CheckTarget, HealthChecker, HealthVerdict } from './health-check.ts';
import type { ProbeKind, ProbeSettings } from './probe-settings.ts';

export interface ProbeReport {
  readonly startup?: boolean;
  readonly readiness?: boolean;
  /** The container has to be restarted, and why. */
  readonly unhealthy?: string;
}

export interface ContainerProberOptions {
  readonly target: CheckTarget;
  readonly probes: readonly ProbeSettings[];
  readonly startedAtMs: number;
  /** What was known of this run before, e.g. by the agent process before this one. */
  readonly known: { readonly startup: boolean | undefined; readonly readiness: boolean | undefined };
  readonly world: World;
  readonly checker: HealthChecker;
  readonly onReport: (report: ProbeReport) => void;
  readonly onFailure: (kind: ProbeKind, message: string) => void;
  readonly onOutcome: (kind: ProbeKind, ok: boolean) => void;
}

interface Streak {
  ok: boolean | undefined;
  count: number;
}

/**
 * Runs the probes of one run of one container. Until the startup probe has succeeded once, the others wait; each asks again one
 * period after its last turn began, never twice at once.
 */
export class ContainerProber implements Disposable {
  readonly #options: ContainerProberOptions;
  readonly #timers = new Map<ProbeKind, Disposable>();
  readonly #streaks = new Map<ProbeKind, Streak>();
  #started: boolean;
  #terminating = false;
  #closed = false;

  constructor(options: ContainerProberOptions) {
    this.#options = options;
    const hasStartup = options.probes.some(({ kind }) => kind === 'startup');
    this.#started = !hasStartup || options.known.startup === true;
    for (const probe of options.probes)
      if (this.#started !== (probe.kind === 'startup')) this.#schedule(probe, this.#firstMs(probe));
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) timer[Symbol.dispose]();
  }

  /** The pod is being deleted: it may lose its readiness, but is no longer restarted. */
  terminate(): void {
    this.#terminating = true;
  }

  #firstMs({ initialDelayMs }: ProbeSettings): number {
    const elapsedMs = this.#options.world.clock.wallMs() - this.#options.startedAtMs;
    // A clock that was set back must not make the delay longer.
    return Math.max(0, initialDelayMs - Math.max(0, elapsedMs));
  }

  #schedule(probe: ProbeSettings, delayMs: number): void {
    if (this.#closed) return;
    const { timers } = this.#options.world;
    this.#timers.set(
      probe.kind,
      timers.after(delayMs, () => void this.#turn(probe)),
    );
  }

  async #turn(probe: ProbeSettings): Promise<void> {
    const { clock } = this.#options.world;
    if (probe.kind !== 'readiness' && this.#terminating) return;
    const beganMs = clock.monotonicMs();
    const { checker, target } = this.#options;
    const verdict = await checker.check(probe.probe, target, probe.timeoutMs);
    if (this.#closed) return;
    this.#options.onOutcome(probe.kind, verdict.ok);
    if (this.#take(probe, verdict)) this.#schedule(probe, Math.max(0, beganMs + probe.periodMs - clock.monotonicMs()));
  }

  /** False when this probe has nothing left to do. */
  #take(probe: ProbeSettings, verdict: HealthVerdict): boolean {
    const { kind, successThreshold, failureThreshold } = probe;
    const streak = this.#streaks.get(kind) ?? { ok: undefined, count: 0 };
    const count = streak.ok === verdict.ok ? streak.count + 1 : 1;
    this.#streaks.set(kind, { ok: verdict.ok, count });
    if (!verdict.ok) this.#options.onFailure(kind, verdict.message);
    if (count < (verdict.ok ? successThreshold : failureThreshold)) return true;
    return verdict.ok ? this.#succeeded(kind) : this.#failed(kind);
  }

  #succeeded(kind: ProbeKind): boolean {
    if (kind === 'readiness') this.#options.onReport({ readiness: true });
    if (kind !== 'startup') return true;
    this.#started = true;
    this.#options.onReport({ startup: true });
    for (const probe of this.#options.probes) if (probe.kind !== 'startup') this.#schedule(probe, this.#firstMs(probe));
    return false;
  }

  #failed(kind: ProbeKind): boolean {
    if (kind === 'readiness') {
      this.#options.onReport({ readiness: false });
      return true;
    }
    if (this.#terminating) return false;
    this.#options.onReport({
      unhealthy: `Container ${this.#options.target.container} failed ${kind} probe, will be restarted`,
    });
    return false;
  }
}
