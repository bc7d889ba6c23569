import type { agentV1 } from '@berth/wire';

export type Message = NonNullable<agentV1.ServerMessage['message']>;

/** The writing side of a session's stream. */
export interface MessageStream {
  /** False when the stream is full: `drain` will say when to go on. */
  write(message: agentV1.ServerMessage): boolean;
  on(event: 'drain', listener: () => void): unknown;
}

/** Messages that wait beside the marks, e.g. requests for tunnels. */
const urgentMax = 1_000;

/**
 * What still has to be sent to one agent. It holds no messages but marks: names of things that changed. What a mark means is made
 * into messages at the moment the agent can take them, so a slow agent costs one mark per object and then
 * gets the latest state, however often it changed meanwhile.
 */
export class SessionOutbox {
  readonly #stream: MessageStream;
  readonly #render: (mark: string) => readonly Message[];
  readonly #marks = new Set<string>();
  readonly #urgent: Message[] = [];
  #isBlocked = false;

  constructor(stream: MessageStream, render: (mark: string) => readonly Message[]) {
    this.#stream = stream;
    this.#render = render;
    stream.on('drain', () => {
      this.#isBlocked = false;
      this.#flush();
    });
  }

  /** The agent does not read as fast as it is written to. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  get waiting(): number {
    return this.#marks.size + this.#urgent.length;
  }

  /** Ahead of all marks. False when too much waits already; the message is dropped then. */
  send(message: Message): boolean {
    if (this.#urgent.length >= urgentMax) return false;
    this.#urgent.push(message);
    this.#flush();
    return true;
  }

  /**
   * Sends later what each mark stands for then, in the order in which they were first made: a change of something that is
   * waiting does not move it behind a later `synced`.
   */
  mark(...marks: readonly string[]): void {
    for (const mark of marks) this.#marks.add(mark);
    this.#flush();
  }

  #flush(): void {
    while (!this.#isBlocked) {
      const urgent = this.#urgent.shift();
      if (urgent !== undefined) {
        this.#write(urgent);
        continue;
      }
      const [mark] = this.#marks;
      if (mark === undefined) return;
      this.#marks.delete(mark);
      // One mark's messages belong together: what a pod refers to, then the pod.
      for (const message of this.#render(mark)) this.#write(message);
    }
  }

  #write(message: Message): void {
    if (!this.#stream.write({ message })) this.#isBlocked = true;
  }
}
