import type { Pod, PodStatus } from '@berth/api';
import { podStatus } from '../status/pod-status.ts';
import { adoptPod } from './adoption.ts';
import { isMember, type ObservedContainer } from './observed-container.ts';
import { actionKey, type PodAction } from './pod-action.ts';
import { PodMemoryBook } from './pod-memory-book.ts';
import { planPod, unreadLastWords } from './pod-plan.ts';
import type { PodPorts } from './pod-ports.ts';
import { podProgress } from './pod-progress.ts';
import { isBeingDeleted, liveSandbox, type PodGoal, type PodSituation, podSituation } from './pod-situation.ts';
import { runStep } from './steps/run-step.ts';

/** Pause after a step that failed in a way nobody planned for. */
const stumbleMs = 1000;

export interface PodWorkerOptions {
  readonly uid: string;
  readonly ports: PodPorts;
  readonly hostIps: () => readonly string[];
  /** Called on every change of the status, and only then. */
  readonly onStatus: (pod: Pod, status: PodStatus) => void;
  /** The situation after each pass, for the probes. */
  readonly onPass: (situation: PodSituation) => void;
  /** Nothing of the pod is left on this node. */
  readonly onReleased: (uid: string) => void;
}

/**
 * Keeps one pod as it should be: plans, starts the planned steps without waiting for them, and plans again whenever one has ended, the
 * engine tells of a change, or a time has come.
 */
export class PodWorker implements Disposable {
  readonly #options: PodWorkerOptions;
  readonly #memory = new PodMemoryBook();
  #goal: PodGoal = { kind: 'gone', pod: undefined };
  #status: PodStatus = {};
  #statusText = '';
  #timer: Disposable | undefined;
  #woken = false;
  #closed = false;
  #adopted = false;
  readonly #toldBackoffs = new Set<string>();

  constructor(options: PodWorkerOptions) {
    this.#options = options;
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
  }

  /** The last status reported; empty before the first. */
  get status(): PodStatus {
    return this.#status;
  }

  get pod(): Pod | undefined {
    return this.#goal.pod;
  }

  /** False once its object is gone. */
  get assigned(): boolean {
    return this.#goal.kind === 'assigned';
  }

  /** The pod as the server has it now. */
  assign(pod: Pod): void {
    const before = this.#goal.kind === 'assigned' ? this.#goal.pod : undefined;
    this.#goal = { kind: 'assigned', pod: this.#withOwnStatus(pod) };
    // Labels and annotations may show up in files.
    if (before !== undefined && JSON.stringify(before.metadata) !== JSON.stringify(pod.metadata)) this.refreshFiles();
    this.wake();
  }

  /** The object is gone: end whatever runs of it. */
  unassign(): void {
    this.#goal = { kind: 'gone', pod: this.#goal.pod };
    this.wake();
  }

  /** Something that the pod refers to has changed: what failed for want of it may be tried again. */
  refreshFiles(): void {
    this.#memory.files = { kind: 'pending' };
    this.#memory.forgiveFailures();
    this.wake();
  }

  /** Circumstances have changed: what failed may be tried at once. */
  retry(): void {
    this.#memory.forgiveFailures();
    this.wake();
  }

  /** An answer of a probe; `unhealthy` asks for a restart. */
  probed(containerId: string, verdict: { startup?: boolean; readiness?: boolean; unhealthy?: string }): void {
    this.#memory.changeRun(containerId, verdict);
    this.wake();
  }

  /** Plans again soon; many calls in a row cost one pass. */
  wake(): void {
    if (this.#woken || this.#closed) return;
    this.#woken = true;
    queueMicrotask(() => {
      this.#woken = false;
      if (!this.#closed) this.#pass();
    });
  }

  #pass(): void {
    const { uid, ports, onPass } = this.#options;
    const containers = ports.containers.ofPod(uid);
    this.#adoptOnce();
    for (const container of containers.filter(isMember)) {
      this.#memory.sawAttempt(container.identity.container, container.identity.attempt);
    }
    for (const { identity } of containers) {
      if (identity.role === 'sandbox')
        this.#memory.sandboxAttempt = Math.max(this.#memory.sandboxAttempt, identity.attempt);
    }
    const { clock } = ports.world;
    const [nowMs, wallMs] = [clock.monotonicMs(), clock.wallMs()];
    noteEnds(containers, this.#memory, nowMs, wallMs);
    this.#lookAtServices();
    this.#memory.prune((id) => ports.containers.get(id) !== undefined);
    const situation = podSituation(uid, this.#goal, containers, this.#memory, { nowMs, wallMs });
    const plan = planPod(situation);
    this.#report(situation);
    onPass(situation);
    this.#sleepUntil(plan.wakeAtMs, situation.nowMs);
    for (const action of plan.actions) this.#begin(action);
  }

  #begin(action: PodAction): void {
    const { uid, ports, onReleased } = this.#options;
    const key = actionKey(action);
    this.#memory.busy.add(key);
    const context = { uid, pod: this.#goal.pod, memory: this.#memory, ports };
    runStep(context, action)
      .then(() => {
        if (action.kind === 'release' && !this.#closed) onReleased(uid);
      })
      .catch((error: unknown) => {
        ports.log.warn({ error, uid, step: key }, 'a step failed; it will be planned again');
        return ports.world.timers.sleep(stumbleMs);
      })
      .finally(() => {
        this.#memory.busy.delete(key);
        this.wake();
      });
  }

  /** Sends what has changed. While last words are being read, the end of a container is not told without them. */
  #report(situation: PodSituation): void {
    const { goal } = situation;
    if (goal.kind !== 'assigned') return;
    this.#tellBackoffs(situation, goal.pod);
    if (unreadLastWords(situation).length > 0) return;
    const status = podStatus(situation, goal.pod, this.#status, this.#options.hostIps());
    const text = JSON.stringify(status);
    if (text === this.#statusText) return;
    this.#status = status;
    this.#statusText = text;
    this.#goal = { kind: 'assigned', pod: this.#withOwnStatus(goal.pod) };
    this.#options.onStatus(goal.pod, status);
  }

  /** What we decided ourselves (end of the pod, start time) counts more than what the server had stored before. */
  #withOwnStatus(pod: Pod): Pod {
    if (this.#statusText === '') return pod;
    const { phase, startTime, reason, message } = this.#status;
    const own = { phase, startTime, reason, message };
    const told = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
    return { ...pod, status: { ...pod.status, ...told } };
  }

  /** From the moment the deletion is known: does the pod still get new connections? */
  #lookAtServices(): void {
    const { uid, ports } = this.#options;
    if (this.#goal.kind === 'gone' || !isBeingDeleted(this.#goal.pod)) return;
    const nowMs = ports.world.clock.monotonicMs();
    this.#memory.deletionSeenMs ??= nowMs;
    const addresses = ports.containers
      .ofPod(uid)
      .flatMap(({ identity }) => (identity.role === 'sandbox' ? [identity.podIp] : []));
    if (addresses.some((address) => address !== '' && ports.served.isServed(address)))
      this.#memory.lastServedMs = nowMs;
  }

  #adoptOnce(): void {
    if (this.#adopted || this.#goal.kind !== 'assigned') return;
    this.#adopted = true;
    const { uid, ports } = this.#options;
    this.#status = this.#goal.pod.status ?? {};
    adoptPod(this.#goal.pod, ports.containers.ofPod(uid), this.#memory);
  }

  #tellBackoffs(situation: PodSituation, pod: Pod): void {
    if (liveSandbox(situation) === undefined) return;
    for (const { spec, role, progress } of podProgress(situation, pod).due) {
      if (progress.kind !== 'waiting' || situation.nowMs >= progress.dueMs) continue;
      if (this.#toldBackoffs.has(progress.member.id)) continue;
      this.#toldBackoffs.add(progress.member.id);
      const { name, namespace } = pod.metadata;
      const message = `Back-off restarting failed container ${spec.name} in pod ${name}_${namespace}(${situation.uid})`;
      this.#options.ports.events.tell(pod, { type: 'Warning', container: spec.name, role, reason: 'BackOff', message });
    }
  }

  #sleepUntil(wakeAtMs: number | undefined, nowMs: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer =
      wakeAtMs === undefined
        ? undefined
        : this.#options.ports.world.timers.after(Math.max(1, Math.ceil(wakeAtMs - nowMs)), () => this.wake());
  }
}

/**
 * Dates the end of every run on our own clock. The engine's time serves only once, to tell how long ago an end was that happened before we
 * looked; a clock on the wall that has been set back makes it "just now", never "in an hour".
 */
function noteEnds(
  containers: readonly ObservedContainer[],
  memory: PodMemoryBook,
  nowMs: number,
  wallMs: number,
): void {
  for (const { id, state } of containers) {
    if (state.kind !== 'exited' || memory.run(id).endedAtMs !== undefined) continue;
    memory.changeRun(id, { endedAtMs: nowMs - Math.max(0, wallMs - state.finishedAtMs) });
  }
}
