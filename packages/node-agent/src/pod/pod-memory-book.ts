import {
  type ContainerMemory,
  type Failure,
  freshContainer,
  freshRun,
  type PodMemoryView,
  type Preparation,
  type RunMemory,
  type StopProgress,
} from './pod-memory.ts';

/** The memory of one pod's worker, written by the steps that it takes. */
export class PodMemoryBook implements PodMemoryView {
  files: Preparation = { kind: 'pending' };
  sandboxAttempt = -1;
  sandboxFailure: Failure | undefined;
  deletionSeenMs: number | undefined;
  lastServedMs: number | undefined;
  readonly wiredSandboxes: Set<string> = new Set();
  readonly containers: Map<string, ContainerMemory> = new Map();
  readonly runs: Map<string, RunMemory> = new Map();
  readonly stops: Map<string, StopProgress> = new Map();
  readonly busy: Set<string> = new Set();

  container(name: string): ContainerMemory {
    return this.containers.get(name) ?? freshContainer;
  }

  changeContainer(name: string, change: Partial<ContainerMemory>): void {
    this.containers.set(name, { ...this.container(name), ...change });
  }

  /** Attempts only grow, wherever they are seen. */
  sawAttempt(name: string, attempt: number): void {
    if (attempt > this.container(name).attempt) this.changeContainer(name, { attempt });
  }

  run(containerId: string): RunMemory {
    return this.runs.get(containerId) ?? freshRun;
  }

  changeRun(containerId: string, change: Partial<RunMemory>): void {
    this.runs.set(containerId, { ...this.run(containerId), ...change });
  }

  changeStop(containerId: string, change: Partial<StopProgress>): void {
    const stop = this.stops.get(containerId);
    if (stop !== undefined) this.stops.set(containerId, { ...stop, ...change });
  }

  filesFailed(failure: Omit<Failure, 'count'>): void {
    const before = this.files.kind === 'failed' ? this.files.failure : undefined;
    this.files = { kind: 'failed', failure: counted(before, failure) };
  }

  sandboxFailed(failure: Omit<Failure, 'count'>): void {
    this.sandboxFailure = counted(this.sandboxFailure, failure);
  }

  imageFailed(name: string, failure: Omit<Failure, 'count'>): void {
    const { image } = this.container(name);
    const before = image.kind === 'failed' ? image.failure : undefined;
    this.changeContainer(name, { image: { kind: 'failed', failure: counted(before, failure) } });
  }

  makingFailed(name: string, failure: Omit<Failure, 'count'>): void {
    this.changeContainer(name, { failure: counted(this.container(name).failure, failure) });
  }

  /** What failed for want of something that has changed now may be tried at once. */
  forgiveFailures(): void {
    if (this.files.kind === 'failed') this.files = { kind: 'pending' };
    this.sandboxFailure = undefined;
    for (const [name, { failure }] of this.containers) {
      if (failure !== undefined) this.changeContainer(name, { failure: undefined });
    }
  }

  /** Drops what concerns containers that are no longer known. */
  prune(isKnown: (containerId: string) => boolean): void {
    for (const perId of [this.runs, this.stops]) {
      for (const id of perId.keys()) if (!isKnown(id)) perId.delete(id);
    }
    for (const id of this.wiredSandboxes) if (!isKnown(id)) this.wiredSandboxes.delete(id);
  }
}

function counted(before: Failure | undefined, failure: Omit<Failure, 'count'>): Failure {
  return { ...failure, count: (before?.count ?? 0) + 1 };
}
