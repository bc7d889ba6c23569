import type { Call, Operation, Outcome } from '../history/history.ts';
import type { Dice } from '../world/dice.ts';
import { type Command, encodeCommand } from './command.ts';
import type { Result } from './key-value-machine.ts';
import type { Process } from './process.ts';
import type { Simulation } from './simulation.ts';

/** Clients number their reads from a small range: ids repeat, and must not matter (rule 32). */
const maxReadId = 20;
const patienceUs = 12_000_000;
/** Share of the operations for which a client turns to another server without need. */
const roaming = 0.1;

/**
 * One client: one operation at a time, repeated with the same session and sequence on any server until it is answered, or given up as unknown
 * (rule 60). What it saw goes into the history.
 */
export class SimClient {
  readonly #simulation: Simulation;
  readonly #id: number;
  readonly #dice: Dice;
  /** How long it waits for an answer before it asks again. */
  readonly #answerUs: number;
  #session = 0;
  #sequence = 1;
  #server = 0;
  #values = 0;
  #stopped = false;
  /** What it last saw under each key, for comparisons with a chance to succeed. */
  readonly #seen = new Map<string, string | undefined>();

  constructor(simulation: Simulation, id: number, dice: Dice) {
    this.#simulation = simulation;
    this.#id = id;
    this.#dice = dice;
    this.#server = dice.between(0, 6);
    this.#answerUs = dice.magnitude(200_000, 2_000_000);
    this.#pause();
  }

  stop(): void {
    this.#stopped = true;
  }

  #pause(): void {
    const { queue, plan } = this.#simulation;
    queue.after(this.#dice.waiting(plan.load.thinkMs) * 1000, () => {
      if (this.#stopped) return;
      if (this.#session === 0) this.#register();
      else this.#operate();
    });
  }

  /** A session is opened by a command without one; asking twice may leave one behind that nobody uses. */
  #register(): void {
    const origin = { session: 0, sequence: this.#simulation.nextNonce(), ackedBelow: 0 };
    this.#ask<Result>(
      (process, answer) => process.desk.propose(this.#encode(process, { op: 'register' }), origin, answer),
      (result: Result | undefined) => {
        if (result?.status === 'registered') {
          this.#session = result.session;
          this.#sequence = 1;
        } else this.#server = this.#dice.between(0, 6);
        this.#pause();
      },
    );
  }

  #operate(): void {
    const { plan, history, queue } = this.#simulation;
    // Happy with a server, it would never meet the one that has been replaced without knowing it.
    if (this.#dice.chance(roaming)) this.#server = this.#dice.between(0, 6);
    const key = `k${this.#dice.between(1, plan.load.keys)}`;
    const call = this.#drawCall(key);
    const operation = history.invoke(this.#id, key, call, queue.nowUs);
    const deadlineUs = queue.nowUs + patienceUs;
    if (call.kind === 'read') this.#read(operation, this.#dice.between(1, maxReadId), deadlineUs);
    else this.#write(operation, deadlineUs, true);
  }

  #drawCall(key: string): Call {
    const roll = this.#dice.fraction();
    if (roll < 0.4) return { kind: 'read' };
    const value = `${this.#id}.${this.#values++}`;
    if (roll < 0.7) return { kind: 'put', value };
    if (roll < 0.78) return { kind: 'delete' };
    return { kind: 'cas', expect: this.#seen.get(key), value };
  }

  #write(operation: Operation, deadlineUs: number, certain: boolean): void {
    const origin = { session: this.#session, sequence: this.#sequence, ackedBelow: this.#sequence };
    const command = commandOf(operation);
    this.#ask<Result>(
      (process, answer) => process.desk.propose(this.#encode(process, command), origin, answer),
      (result: Result | undefined, refused) => {
        const { queue } = this.#simulation;
        const outcome = result === undefined ? undefined : outcomeOf(result);
        if (outcome !== undefined) {
          this.#finish(operation, outcome);
          this.#sequence++;
          this.#pause();
        } else if (result?.status === 'expired') this.#giveUp(operation, certain);
        else if (queue.nowUs > deadlineUs || this.#stopped) this.#giveUp(operation, certain && refused);
        else {
          this.#server = this.#dice.between(0, 6);
          queue.after(this.#dice.between(1, 100) * 1000, () => this.#write(operation, deadlineUs, certain && refused));
        }
      },
    );
  }

  /** Nothing more will be heard of it: unless every attempt was refused, it may or may not have been done. The session is left. */
  #giveUp(operation: Operation, certainlyNotDone: boolean): void {
    if (certainlyNotDone) this.#simulation.history.withdraw(operation);
    this.#session = 0;
    this.#pause();
  }

  #read(operation: Operation, id: number, deadlineUs: number): void {
    this.#ask<Outcome>(
      (process, answer) =>
        process.desk.read(id, (index) => {
          if (index === undefined) {
            answer(undefined, true);
            return;
          }
          const { machine } = process.applier;
          const found = machine.read(operation.key);
          const { revision } = machine;
          answer({ kind: 'seen', revision, value: found?.value, modRevision: found?.modRevision ?? 0 }, true);
        }),
      (outcome) => {
        const { queue } = this.#simulation;
        if (outcome !== undefined) this.#finish(operation, outcome);
        else if (queue.nowUs <= deadlineUs && !this.#stopped) {
          // The same id again, on the same server half of the time: late answers to the first question must not serve the second (rule 32).
          if (this.#dice.chance(0.5)) this.#server = this.#dice.between(0, 6);
          queue.after(this.#dice.between(1, 50) * 1000, () => this.#read(operation, id, deadlineUs));
          return;
        } else this.#simulation.history.withdraw(operation);
        this.#pause();
      },
    );
  }

  #finish(operation: Operation, outcome: Outcome): void {
    operation.returnedUs = this.#simulation.queue.nowUs;
    operation.outcome = outcome;
    if (outcome.kind === 'seen') this.#seen.set(operation.key, outcome.value);
    else this.#seen.set(operation.key, operation.call.kind === 'delete' ? undefined : valueWritten(operation.call));
  }

  /** Asks the server of the moment; `done` is called once, with undefined and whether it was refused when there is no answer. */
  #ask<R>(
    question: (process: Process, answer: (result: R | undefined, certain: boolean) => void) => void,
    done: (result: R | undefined, refused: boolean) => void,
  ): void {
    const { queue } = this.#simulation;
    let open = true;
    const settle = (result: R | undefined, refused: boolean): void => {
      if (!open) return;
      open = false;
      done(result, refused);
    };
    queue.after(this.#answerUs, () => settle(undefined, false));
    queue.after(this.#tripUs(), () => {
      const process = this.#simulation.serverAt(this.#server);
      if (process === undefined) {
        settle(undefined, true);
        return;
      }
      process.run(() =>
        question(process, (result, certain) => {
          queue.after(this.#tripUs(), () => settle(result, result === undefined && certain));
        }),
      );
    });
  }

  #encode(process: Process, command: Command): Uint8Array {
    const { padBytes } = this.#simulation.plan.load;
    const pad = padBytes > 0 && this.#dice.chance(0.1) ? padBytes : 0;
    return encodeCommand({ command, wallMs: process.member.wallMs() }, pad);
  }

  #tripUs(): number {
    return this.#dice.between(100, 2_000);
  }
}

function commandOf({ call, key }: Operation): Command {
  switch (call.kind) {
    case 'put':
      return { op: 'put', key, value: call.value };
    case 'delete':
      return { op: 'delete', key };
    case 'cas':
      return { op: 'cas', key, expect: call.expect, value: call.value };
    case 'read':
      throw new Error('a read is no command');
  }
}

function outcomeOf(result: Result): Outcome | undefined {
  if (result.status === 'done') return { kind: 'written', revision: result.revision };
  if (result.status !== 'mismatch') return undefined;
  const { revision, found } = result;
  return { kind: 'seen', revision, value: found?.value, modRevision: found?.modRevision ?? 0 };
}

function valueWritten(call: Call): string | undefined {
  return call.kind === 'put' || call.kind === 'cas' ? call.value : undefined;
}
