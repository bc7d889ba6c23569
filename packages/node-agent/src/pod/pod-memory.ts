/**
 * What a pod's worker remembers besides the engine's records. All of it may be lost with the process: what cannot be
 * learned anew is written into labels or taken from the pod's last reported status.
 */
export interface PodMemoryView {
  /** Volumes and the files that all containers share. */
  readonly files: Preparation;
  /** Highest attempt of a sandbox ever seen; -1 when none. */
  readonly sandboxAttempt: number;
  readonly sandboxFailure: Failure | undefined;
  /** Sandboxes (by engine id) whose network is known to be wired. */
  readonly wiredSandboxes: ReadonlySet<string>;
  /** When (monotonic, as all times here) the deletion of the pod became known, and when it was last seen to get new connections since. */
  readonly deletionSeenMs: number | undefined;
  readonly lastServedMs: number | undefined;
  readonly containers: ReadonlyMap<string, ContainerMemory>;
  /** By engine id. */
  readonly runs: ReadonlyMap<string, RunMemory>;
  readonly stops: ReadonlyMap<string, StopProgress>;
  /** Keys of actions under way, see `actionKey`. */
  readonly busy: ReadonlySet<string>;
}

export type Preparation =
  | { readonly kind: 'pending' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly failure: Failure };

export interface Failure {
  /** A word for machines, e.g. `ErrImagePull`. */
  readonly reason: string;
  readonly message: string;
  readonly atMs: number;
  /** How often in a row. */
  readonly count: number;
}

/** By container name. */
export interface ContainerMemory {
  /** Highest attempt ever seen; -1 when none. */
  readonly attempt: number;
  readonly image: ImageState;
  /** Why the last try to make the container failed. */
  readonly failure: Failure | undefined;
}

export type ImageState =
  | { readonly kind: 'unknown' }
  /** Looked for (and, where the policy says so, pulled) for this attempt. */
  | { readonly kind: 'present'; readonly attempt: number }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Of one run of a container. */
export interface RunMemory {
  readonly postStart: 'none' | 'running' | 'done' | { readonly failed: string };
  /** Undefined until the probe has an answer (and for ever without a probe). */
  readonly startup: boolean | undefined;
  readonly readiness: boolean | undefined;
  /** Set once the container must be restarted, with the sentence to tell. */
  readonly unhealthy: string | undefined;
  /** When it ended, as our own clock counts; undefined while it runs. */
  readonly endedAtMs: number | undefined;
  /** What the program left behind when it ended; undefined until read. */
  readonly terminationMessage: string | undefined;
}

export interface StopProgress {
  readonly sinceMs: number;
  readonly graceMs: number;
  readonly hook: { readonly kind: 'running' } | { readonly kind: 'ended'; readonly atMs: number };
  readonly signalledAtMs: number | undefined;
  readonly killedAtMs: number | undefined;
}

export const freshContainer: ContainerMemory = { attempt: -1, image: { kind: 'unknown' }, failure: undefined };

export const freshRun: RunMemory = {
  postStart: 'none',
  startup: undefined,
  readiness: undefined,
  unhealthy: undefined,
  endedAtMs: undefined,
  terminationMessage: undefined,
};
