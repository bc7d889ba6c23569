import type { agentV1 } from '@berth/wire';

type Message = NonNullable<agentV1.AgentMessage['message']>;

/** Events are told at best: beyond this many the oldest are dropped. */
const eventsMax = 500;

/**
 * What the servers have to be told. Of each pod only the latest status waits, so the queue is bounded by the number of pods
 * however long no server is in reach.
 */
export class ReportQueue {
  /** The latest of each pod, told or not, by uid: a new session hears them all. */
  readonly #pods = new Map<string, Message>();
  readonly #waiting = new Set<string>();
  readonly #events: Message[] = [];
  #nodeStatus: Message | undefined;
  #network: Message | undefined;
  #networkTold: Message | undefined;
  #dropped = 0;
  readonly #wake: () => void;

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  get depth(): number {
    return this.#waiting.size + this.#events.length;
  }

  get droppedEvents(): number {
    return this.#dropped;
  }

  podStatus(value: agentV1.PodStatus): void {
    this.#pods.set(value.uid, { $case: 'podStatus', value });
    this.#waiting.add(value.uid);
    this.#wake();
  }

  /** What was told of this pod last is told again. */
  repeatPod(uid: string): void {
    if (!this.#pods.has(uid)) return;
    this.#waiting.add(uid);
    this.#wake();
  }

  /** The server will not ask about this pod any more. */
  forgetPod(uid: string): void {
    this.#pods.delete(uid);
    this.#waiting.delete(uid);
  }

  /** The server has named all pods of this node: it has no use for what is said about others. */
  retainOnly(uids: ReadonlySet<string>): void {
    for (const uid of this.#pods.keys()) if (!uids.has(uid)) this.forgetPod(uid);
  }

  event(value: agentV1.AgentEvent): void {
    if (this.#events.length >= eventsMax) {
      this.#events.shift();
      this.#dropped += 1;
    }
    this.#events.push({ $case: 'event', value });
    this.#wake();
  }

  nodeStatus(value: agentV1.NodeStatus): void {
    this.#nodeStatus = { $case: 'nodeStatus', value };
    this.#wake();
  }

  networkApplied(version: number): void {
    this.#network = { $case: 'networkApplied', value: { version } };
    this.#wake();
  }

  /** A new session: whatever is known is told again. */
  restart(): void {
    for (const uid of this.#pods.keys()) this.#waiting.add(uid);
    this.#networkTold = undefined;
    this.#wake();
  }

  /** The next thing to tell; undefined when all is told. */
  next(): Message | undefined {
    const { value: uid } = this.#waiting.values().next();
    if (uid !== undefined) {
      this.#waiting.delete(uid);
      return this.#pods.get(uid);
    }
    if (this.#nodeStatus !== undefined) {
      const status = this.#nodeStatus;
      this.#nodeStatus = undefined;
      return status;
    }
    if (this.#network !== undefined && this.#network !== this.#networkTold) {
      this.#networkTold = this.#network;
      return this.#network;
    }
    return this.#events.shift();
  }
}
