import type { Probes } from '../probes.ts';
import type { Dice } from '../world/dice.ts';
import type { EventQueue } from '../world/event-queue.ts';
import type { Plan } from './plan.ts';
import type { SimNetwork } from './sim-network.ts';
import type { Watch } from './watch.ts';

/** What the parts of a simulated cluster share. */
export interface World {
  readonly plan: Plan;
  readonly queue: EventQueue;
  /** Of shells and disks. */
  readonly dice: Dice;
  readonly network: SimNetwork;
  readonly watch: Watch;
  readonly probes: Probes;
  /** Unique in the whole run, so that a directory never starts twice with one number. */
  nextIncarnation(): number;
  /** Unique in the whole run; names proposals without a session. */
  nextNonce(): number;
}
