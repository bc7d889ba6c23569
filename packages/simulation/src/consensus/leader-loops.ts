import type { RoleKind } from '@berth/raft';
import { encodeCommand } from './command.ts';
import type { Process } from './process.ts';

const periodUs = 300_000;
/** How long a loop goes on that has not noticed the end of its reign. */
const lingerUs = 2_000_000;

/**
 * Work of the leader alone: it decides under a term and writes with that term as a fence, also when it wakes up after its reign (rule 64). Expires idle
 * sessions by logged commands (rule 61).
 */
export class LeaderLoops {
  readonly #process: Process;
  #term = 0;
  #endsAtUs = 0;

  constructor(process: Process) {
    this.#process = process;
  }

  follow(role: RoleKind, term: number): void {
    if (role === 'leader') {
      this.#term = term;
      this.#endsAtUs = Number.POSITIVE_INFINITY;
      this.#process.later(periodUs, () => this.#turn(term));
    } else if (this.#endsAtUs === Number.POSITIVE_INFINITY) {
      this.#endsAtUs = this.#process.world.queue.nowUs + lingerUs;
    }
  }

  #turn(term: number): void {
    const { world } = this.#process;
    if (term !== this.#term || world.queue.nowUs > this.#endsAtUs) return;
    if (world.plan.load.fencedLoops) this.#propose({ op: 'fenced', fence: term });
    const { sessions } = this.#process.applier.machine;
    const { idlest } = sessions;
    if (sessions.size > world.plan.load.maxSessions && idlest !== undefined) {
      this.#propose({ op: 'expire', session: idlest });
    }
    this.#process.later(periodUs, () => this.#turn(term));
  }

  #propose(command: Parameters<typeof encodeCommand>[0]['command']): void {
    const { world, member, desk } = this.#process;
    const origin = { session: 0, sequence: world.nextNonce(), ackedBelow: 0 };
    desk.propose(encodeCommand({ command, wallMs: member.wallMs() }, 0), origin, () => undefined);
  }
}
