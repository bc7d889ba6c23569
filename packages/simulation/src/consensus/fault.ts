import type { CrashImage } from './sim-disk.ts';

/** Whom a fault hits: a slot among the members of the moment, whoever leads then, or the first of those who do not. */
export type Target = number | 'leader' | 'follower';

/** Messages after which a member may be made to crash: they carry promises. */
export type PromiseKind = 'vote-request' | 'vote-answer' | 'append-accepted' | 'snapshot-progress';

export type Fault =
  | {
      readonly kind: 'crash';
      readonly atMs: number;
      readonly target: Target;
      readonly image: CrashImage;
      readonly downMs: number;
    }
  /** Crashes right after the next promise of this kind has left. */
  | {
      readonly kind: 'crash-after-promise';
      readonly atMs: number;
      readonly target: Target;
      readonly promise: PromiseKind;
      readonly image: CrashImage;
      readonly downMs: number;
    }
  | { readonly kind: 'crash-all'; readonly atMs: number; readonly image: CrashImage; readonly downMs: number }
  | {
      readonly kind: 'partition';
      readonly atMs: number;
      readonly shape: PartitionShape;
      /** Decides who stands where. */
      readonly roll: number;
      readonly forMs: number;
    }
  | {
      readonly kind: 'pause';
      readonly atMs: number;
      readonly target: Target;
      readonly forMs: number;
      readonly clockRuns: boolean;
      /** What is sent to it meanwhile, and for a second afterwards, is lost. */
      readonly deaf: boolean;
    }
  /** The leader is cut off, and everybody else's connections to it are reset: they elect while it still believes to lead. */
  | {
      readonly kind: 'usurp';
      readonly atMs: number;
      readonly forMs: number;
      /** Entries it appends meanwhile, in vain: a tail that conflicts with whatever the others decide. */
      readonly orphans: number;
    }
  | { readonly kind: 'disk-stall'; readonly atMs: number; readonly target: Target; readonly forMs: number }
  /** The next write fails: the process must end (rule 54). */
  | { readonly kind: 'write-error'; readonly atMs: number; readonly target: Target; readonly downMs: number }
  | { readonly kind: 'disk-low'; readonly atMs: number; readonly target: Target; readonly forMs: number }
  /** Stops a member, rots a record of its log, starts it again; `decapitate`: the leader crashes just then. */
  | {
      readonly kind: 'rot';
      readonly atMs: number;
      readonly target: Target;
      readonly downMs: number;
      readonly decapitate: boolean;
    }
  /** Loses the youngest acknowledged entries of a follower, where only the leader can notice. */
  | {
      readonly kind: 'lose-tail';
      readonly atMs: number;
      readonly target: Target;
      readonly entries: number;
      readonly downMs: number;
    }
  /** The directory is emptied and the process started again under its old id: it must be refused (rule 44). */
  | {
      readonly kind: 'wipe';
      readonly atMs: number;
      readonly target: Target;
      readonly downMs: number;
      readonly decapitate: boolean;
    }
  | { readonly kind: 'transfer'; readonly atMs: number; readonly to: number }
  | { readonly kind: 'add'; readonly atMs: number }
  | { readonly kind: 'promote'; readonly atMs: number }
  | { readonly kind: 'demote'; readonly atMs: number; readonly target: Target }
  | { readonly kind: 'remove'; readonly atMs: number; readonly target: Target }
  /** Two changes at once: a joint configuration. */
  | { readonly kind: 'replace'; readonly atMs: number; readonly target: Target }
  /** Restarts with a program of this level, which may also be an older one. */
  | { readonly kind: 'upgrade'; readonly atMs: number; readonly target: Target; readonly featureLevel: number }
  | { readonly kind: 'wall-jump'; readonly atMs: number; readonly target: Target; readonly byMs: number };

export type FaultKind = Fault['kind'];

/**
 * - `swizzle`: members lose their links one by one, and get them back in another order.
 * - `halves`: two groups.
 * - `one-way`: one member hears nobody, or nobody hears it.
 * - `isolate`: one member alone.
 * - `bridge`: two groups that both see one member.
 * - `random`: every direction between two members by itself.
 */
export type PartitionShape = 'halves' | 'one-way' | 'isolate' | 'bridge' | 'random' | 'swizzle';
