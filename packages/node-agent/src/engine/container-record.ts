/** What the engine knows of one container at one moment. */
export interface ContainerRecord {
  /** The engine's full id. */
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The reference the container was created from. */
  readonly image: string;
  /** Content id, e.g. `sha256:…`. */
  readonly imageId: string;
  readonly createdAtMs: number;
  /** Signal that asks the program to end; the image or the pod may name another than SIGTERM. */
  readonly stopSignal: string;
  readonly state: ContainerRunState;
}

export type ContainerRunState =
  | { readonly kind: 'created' }
  | { readonly kind: 'running'; readonly pid: number; readonly startedAtMs: number }
  | {
      readonly kind: 'exited';
      /** Absent when the program never ran. */
      readonly startedAtMs?: number;
      readonly finishedAtMs: number;
      readonly exitCode: number;
      readonly oomKilled: boolean;
      /** Why the engine could not start the program; empty when it ran. */
      readonly startError: string;
    };

export type RunningContainer = ContainerRecord & { readonly state: Extract<ContainerRunState, { kind: 'running' }> };
export type ExitedContainer = ContainerRecord & { readonly state: Extract<ContainerRunState, { kind: 'exited' }> };
