import type { MembershipChange, ProposalId } from '@berth/raft';
import type { Result } from './key-value-machine.ts';
import type { Process } from './process.ts';

export type ChangeOutcome = 'appended' | 'refused';

/** Where clients and operators of one server wait for their answers. */
export class ClientDesk {
  readonly #process: Process;
  readonly #readers = new Map<number, ((index: number | undefined) => void)[]>();
  readonly #refusals = new Map<string, (certain: boolean) => void>();
  readonly #changes = new Map<number, (outcome: ChangeOutcome) => void>();
  #changeId = 0;

  constructor(process: Process) {
    this.#process = process;
  }

  /** `done` gets the result, or undefined and whether the command was certainly not taken on this way. */
  propose(
    payload: Uint8Array,
    origin: { readonly session: number; readonly sequence: number; readonly ackedBelow: number },
    done: (result: Result | undefined, certain: boolean) => void,
  ): void {
    const { applier } = this.#process;
    const { session, sequence } = origin;
    const key = `${session}/${sequence}`;
    applier.await(session, sequence, (result) => {
      this.#refusals.delete(key);
      done(result, true);
    });
    this.#refusals.set(key, (certain) => {
      applier.forget(session, sequence);
      done(undefined, certain);
    });
    this.#process.step({ kind: 'propose', proposals: [{ ...origin, payload }] });
  }

  refused(ids: readonly ProposalId[], certain: boolean): void {
    for (const { session, sequence } of ids) {
      const key = `${session}/${sequence}`;
      const refuse = this.#refusals.get(key);
      this.#refusals.delete(key);
      refuse?.(certain);
    }
  }

  /** `done` gets the index to read at once it is applied here, or undefined. Ids may repeat, as those of retries do. */
  read(id: number, done: (index: number | undefined) => void): void {
    const waiting = this.#readers.get(id);
    if (waiting === undefined) this.#readers.set(id, [done]);
    else waiting.push(done);
    this.#process.step({ kind: 'read', id, elapsedTicks: this.#process.elapsedTicks() });
  }

  answerReads(ids: readonly number[], index: number | undefined): void {
    for (const id of ids) {
      const waiting = this.#readers.get(id);
      const done = waiting?.shift();
      if (waiting?.length === 0) this.#readers.delete(id);
      if (done === undefined) continue;
      if (index === undefined) done(undefined);
      else this.#process.applier.readAt(index, () => done(index));
    }
  }

  change(changes: readonly MembershipChange[], done: (outcome: ChangeOutcome) => void): void {
    const id = ++this.#changeId;
    this.#changes.set(id, done);
    this.#process.step({ kind: 'change-membership', id, changes });
  }

  answerChange(id: number, outcome: ChangeOutcome): void {
    const done = this.#changes.get(id);
    this.#changes.delete(id);
    done?.(outcome);
  }
}
