import type { LifecycleHandler } from '@berth/api';
import type { World } from '@berth/world';
import type { HookPlace, HookRunner } from '../pod/pod-ports.ts';
import type { HealthChecker } from './health-check.ts';

/** Start and stop hooks: the same requests as probes, made once. */
export class LifecycleHooks implements HookRunner {
  readonly #checker: HealthChecker;
  readonly #world: World;
  readonly #hostIps: () => readonly string[];

  constructor(options: {
    readonly checker: HealthChecker;
    readonly world: World;
    readonly hostIps: () => readonly string[];
  }) {
    this.#checker = options.checker;
    this.#world = options.world;
    this.#hostIps = options.hostIps;
  }

  async run(handler: LifecycleHandler, place: HookPlace, timeoutMs: number): Promise<void> {
    const { pod, container, containerId, podIp } = place;
    const address = pod.spec.hostNetwork === true ? (this.#hostIps()[0] ?? '127.0.0.1') : podIp;
    const limit = Promise.withResolvers<{ ok: false; message: string }>();
    using _timer = this.#world.timers.after(timeoutMs, () => {
      limit.resolve({ ok: false, message: `did not end within ${timeoutMs / 1000}s` });
    });
    const verdict = await Promise.race([
      this.#checker.check(handler, { pod, container, containerId, address }, timeoutMs),
      limit.promise,
    ]);
    if (!verdict.ok) throw new Error(verdict.message);
  }
}
