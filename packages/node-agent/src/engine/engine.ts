import type { ContainerRecord } from './container-record.ts';
import type { ContainerSpec } from './container-spec.ts';

/**
 * The container engine as the agent needs it. Every method rejects with an `EngineError`. Docker stands behind it in production, a
 * deterministic fake in tests and in the simulation.
 */
export interface Engine {
  info(): Promise<EngineInfo>;

  /** All containers that carry these labels, whatever their state, as they are now. */
  list(labels: Readonly<Record<string, string>>): Promise<readonly ContainerRecord[]>;
  inspect(containerId: string): Promise<ContainerRecord>;
  /** Answers the new container's id. `conflict` when the name is taken, `not-found` when the image is missing. */
  create(spec: ContainerSpec): Promise<string>;
  start(containerId: string): Promise<void>;
  /** Sends a signal, e.g. `SIGTERM`; nothing happens when the container does not run (any more). */
  signal(containerId: string, signal: string): Promise<void>;
  /** Ends and removes; nothing happens when it does not exist (any more). */
  remove(containerId: string): Promise<void>;
  /** Runs a command inside and waits for its end, or kills it after `timeoutMs`. */
  exec(containerId: string, request: ExecRequest): Promise<ExecResult>;
  /** Output of a container, in the order the engine recorded it. Ends with the container when `follow` is set. */
  logs(containerId: string, request: LogRequest, signal: AbortSignal): AsyncIterable<LogChunk>;

  /** Answers undefined when the image is not on this machine. */
  inspectImage(reference: string): Promise<ImageRecord | undefined>;
  pullImage(reference: string, credentials: RegistryCredentials | undefined): Promise<void>;
  listImages(): Promise<readonly ImageRecord[]>;
  /** Makes an image of one layer out of a tar archive. */
  importImage(archive: Uint8Array, reference: string, content: ImageContent): Promise<void>;

  /**
   * Tells of containers with these labels until `signal` fires or the stream breaks, then resolves. What happened before the call
   * or between two calls is not told: list afterwards.
   */
  watch(labels: Readonly<Record<string, string>>, watcher: EngineWatcher, signal: AbortSignal): Promise<void>;
}

/** What an imported image is besides its files. */
export interface ImageContent {
  readonly entrypoint: readonly string[];
  /** Its label `berth.dev/image`, by which whoever cleans up finds it. */
  readonly purpose: string;
}

export interface EngineWatcher {
  /** From now on nothing is missed. */
  opened(): void;
  event(event: EngineEvent): void;
}

/** A hint that a container has changed. What it is like now is asked with `inspect`. */
export interface EngineEvent {
  readonly kind: 'started' | 'died' | 'removed';
  readonly containerId: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of `died`. */
  readonly exitCode?: number;
  readonly atMs: number;
}

export interface EngineInfo {
  /** e.g. `docker`. */
  readonly name: string;
  readonly version: string;
  /** Tells two engines on one machine apart. */
  readonly engineId: string;
  readonly architecture: 'amd64' | 'arm64';
  readonly operatingSystem: string;
  readonly kernelVersion: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Where images and writable layers lie. */
  readonly rootDirectory: string;
  /** `host[:port]` of the registry of images that name none. */
  readonly defaultRegistry: string;
}

export interface ExecRequest {
  readonly command: readonly string[];
  readonly timeoutMs: number;
  /** What is beyond is thrown away. */
  readonly outputBytesMax: number;
}

export type ExecResult =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly output: string }
  | { readonly kind: 'timed-out'; readonly output: string };

export interface LogRequest {
  readonly follow: boolean;
  /** Puts the time (RFC 3339 with nanoseconds) and a space before every line. */
  readonly timestamps: boolean;
  /** Lines from the end; absent = all. */
  readonly tailLines?: number;
  /** Milliseconds since the Unix epoch; absent = from the start. */
  readonly sinceMs?: number;
}

export interface LogChunk {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Uint8Array;
}

export interface ImageRecord {
  readonly id: string;
  /** Tags and digests, e.g. `web:1`, `web@sha256:…`. */
  readonly names: readonly string[];
  readonly sizeBytes: number;
  /** `uid[:gid]`, a user's name, or empty. Only known from `inspectImage`. */
  readonly user: string;
}

export interface RegistryCredentials {
  readonly server: string;
  readonly username: string;
  readonly password: string;
}
