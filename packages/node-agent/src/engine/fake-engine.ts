import type { World } from '@berth/world';
import type { ContainerRecord, ContainerRunState } from './container-record.ts';
import type { ContainerSpec } from './container-spec.ts';
import type {
  Engine,
  EngineEvent,
  EngineInfo,
  EngineWatcher,
  ExecRequest,
  ExecResult,
  ImageContent,
  ImageRecord,
  LogChunk,
  LogRequest,
  RegistryCredentials,
} from './engine.ts';
import { EngineError } from './engine-error.ts';

/** How the program of an image behaves. */
export interface FakeProgram {
  /** Ends by itself so long after its start; absent = runs until it is ended. */
  readonly endsAfterMs?: number;
  readonly exitCode?: number;
  /** Cannot be started at all. */
  readonly startError?: string;
  /** Like a shell's `sleep` as process 1. */
  readonly ignoresSignals?: boolean;
  readonly output?: string;
  exec?(command: readonly string[]): ExecResult;
}

export interface FakeEngineOptions {
  readonly world: World;
  /** Images that are there from the start. */
  readonly images?: Readonly<Record<string, FakeProgram>>;
  /** Images that a registry would give out. */
  readonly registry?: Readonly<Record<string, FakeProgram>>;
  /** How long each call takes; 0 = it is done before its promise resolves. */
  readonly latencyMs?: number;
}

interface FakeContainer {
  readonly spec: ContainerSpec;
  record: ContainerRecord;
  timer: Disposable | undefined;
}

/** An engine without containers: deterministic under a deterministic world, so tests and the simulation can run on it. */
export class FakeEngine implements Engine {
  readonly #world: World;
  readonly #latencyMs: number;
  readonly #images: Map<string, FakeProgram>;
  readonly #registry: ReadonlyMap<string, FakeProgram>;
  readonly #containers = new Map<string, FakeContainer>();
  readonly #watchers = new Set<(event: EngineEvent) => void>();
  readonly #failures = new Map<string, EngineError>();
  #made = 0;
  /** Every changing call in order, e.g. `create web/0`, `start web/0`. */
  readonly calls: string[] = [];

  constructor(options: FakeEngineOptions) {
    this.#world = options.world;
    this.#latencyMs = options.latencyMs ?? 0;
    this.#images = new Map(Object.entries(options.images ?? {}));
    this.#registry = new Map(Object.entries(options.registry ?? {}));
  }

  /** The next call of this method rejects. */
  failNext(method: keyof Engine, error: EngineError): void {
    this.#failures.set(method, error);
  }

  addImage(reference: string, program: FakeProgram): void {
    this.#images.set(reference, program);
  }

  /** The program ends, as if by itself or by the kernel. */
  end(containerId: string, exitCode: number, options: { readonly oomKilled?: boolean } = {}): void {
    const container = this.#containers.get(containerId);
    if (container?.record.state.kind !== 'running') return;
    container.timer?.[Symbol.dispose]();
    const { startedAtMs } = container.record.state;
    const oomKilled = options.oomKilled === true;
    this.#setState(container, {
      kind: 'exited',
      startedAtMs,
      finishedAtMs: this.#now(),
      exitCode,
      oomKilled,
      startError: '',
    });
    this.#tell(container, 'died', exitCode);
  }

  /** Somebody removes it behind the agent's back (`docker rm -f`). */
  vanish(containerId: string): void {
    const container = this.#containers.get(containerId);
    if (container === undefined) return;
    this.end(containerId, 137);
    this.#containers.delete(containerId);
    this.#tell(container, 'removed');
  }

  specOf(containerId: string): ContainerSpec | undefined {
    return this.#containers.get(containerId)?.spec;
  }

  async info(): Promise<EngineInfo> {
    await this.#begin('info');
    return {
      name: 'fake',
      version: '1',
      engineId: 'fake',
      architecture: 'amd64',
      operatingSystem: 'Simulated Linux',
      kernelVersion: '6.0',
      cpus: 8,
      memoryBytes: 16 * 2 ** 30,
      rootDirectory: '/',
      defaultRegistry: 'registry.example',
    };
  }

  async list(labels: Readonly<Record<string, string>>): Promise<readonly ContainerRecord[]> {
    await this.#begin('list');
    const wanted = Object.entries(labels);
    return [...this.#containers.values()]
      .map(({ record }) => record)
      .filter((record) => wanted.every(([key, value]) => record.labels[key] === value));
  }

  async inspect(containerId: string): Promise<ContainerRecord> {
    await this.#begin('inspect');
    return this.#container(containerId).record;
  }

  async create(spec: ContainerSpec): Promise<string> {
    await this.#begin('create');
    if (!this.#images.has(spec.image)) throw new EngineError('not-found', `No such image: ${spec.image}`);
    const taken = [...this.#containers.values()].some(({ record }) => record.name === spec.name);
    if (taken) throw new EngineError('conflict', `The container name "/${spec.name}" is already in use`);
    this.#made += 1;
    const record: ContainerRecord = {
      id: this.#made.toString(16).padStart(64, '0'),
      name: spec.name,
      labels: spec.labels,
      image: spec.image,
      imageId: imageIdOf(spec.image),
      createdAtMs: this.#now(),
      stopSignal: spec.stopSignal ?? 'SIGTERM',
      state: { kind: 'created' },
    };
    this.#containers.set(record.id, { spec, record, timer: undefined });
    this.#note('create', record);
    return record.id;
  }

  async start(containerId: string): Promise<void> {
    await this.#begin('start');
    const container = this.#container(containerId);
    const program = this.#images.get(container.record.image) ?? {};
    this.#note('start', container.record);
    if (program.startError !== undefined) {
      const { startError } = program;
      this.#setState(container, {
        kind: 'exited',
        finishedAtMs: this.#now(),
        exitCode: 127,
        oomKilled: false,
        startError,
      });
      throw new EngineError('start-failed', startError);
    }
    this.#setState(container, { kind: 'running', pid: 1000 + this.#made, startedAtMs: this.#now() });
    this.#tell(container, 'started');
    if (program.endsAfterMs === undefined) return;
    const { endsAfterMs, exitCode = 0 } = program;
    container.timer = this.#world.timers.after(endsAfterMs, () => this.end(containerId, exitCode));
  }

  async signal(containerId: string, signal: string): Promise<void> {
    await this.#begin('signal');
    const container = this.#containers.get(containerId);
    if (container?.record.state.kind !== 'running') return;
    this.#note(`signal ${signal}`, container.record);
    const program = this.#images.get(container.record.image) ?? {};
    if (signal === 'SIGKILL') this.end(containerId, 137);
    else if (program.ignoresSignals !== true) this.end(containerId, 143);
  }

  async remove(containerId: string): Promise<void> {
    await this.#begin('remove');
    const container = this.#containers.get(containerId);
    if (container === undefined) return;
    this.#note('remove', container.record);
    this.end(containerId, 137);
    this.#containers.delete(containerId);
    this.#tell(container, 'removed');
  }

  async exec(containerId: string, request: ExecRequest): Promise<ExecResult> {
    await this.#begin('exec');
    const { image } = this.#container(containerId).record;
    return this.#images.get(image)?.exec?.(request.command) ?? { kind: 'exited', exitCode: 0, output: '' };
  }

  async *logs(containerId: string, _request: LogRequest, _signal: AbortSignal): AsyncGenerator<LogChunk> {
    await this.#begin('logs');
    const { image } = this.#container(containerId).record;
    const { output } = this.#images.get(image) ?? {};
    if (output !== undefined) yield { stream: 'stdout', bytes: new TextEncoder().encode(output) };
  }

  async inspectImage(reference: string): Promise<ImageRecord | undefined> {
    await this.#begin('inspectImage');
    return this.#images.has(reference) ? imageRecord(reference) : undefined;
  }

  async pullImage(reference: string, _credentials: RegistryCredentials | undefined): Promise<void> {
    await this.#begin('pullImage');
    this.calls.push(`pull ${reference}`);
    const program = this.#registry.get(reference);
    if (program === undefined)
      throw new EngineError('registry', `manifest for ${reference} not found: manifest unknown`);
    this.#images.set(reference, program);
  }

  async listImages(): Promise<readonly ImageRecord[]> {
    await this.#begin('listImages');
    return [...this.#images.keys()].map(imageRecord);
  }

  async importImage(_archive: Uint8Array, reference: string, _content: ImageContent): Promise<void> {
    await this.#begin('importImage');
    this.#images.set(reference, {});
  }

  async watch(labels: Readonly<Record<string, string>>, watcher: EngineWatcher, signal: AbortSignal): Promise<void> {
    const wanted = Object.entries(labels);
    const pass = (event: EngineEvent) => {
      if (wanted.every(([key, value]) => event.labels[key] === value)) watcher.event(event);
    };
    this.#watchers.add(pass);
    watcher.opened();
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.#watchers.delete(pass);
  }

  async #begin(method: keyof Engine): Promise<void> {
    if (this.#latencyMs > 0) await this.#world.timers.sleep(this.#latencyMs);
    const failure = this.#failures.get(method);
    this.#failures.delete(method);
    if (failure !== undefined) throw failure;
  }

  #container(containerId: string): FakeContainer {
    const container = this.#containers.get(containerId);
    if (container === undefined) throw new EngineError('not-found', `No such container: ${containerId}`);
    return container;
  }

  #setState(container: FakeContainer, state: ContainerRunState): void {
    container.record = { ...container.record, state };
  }

  #tell(container: FakeContainer, kind: EngineEvent['kind'], exitCode?: number): void {
    const { id: containerId, labels } = container.record;
    const event = { kind, containerId, labels, atMs: this.#now(), ...(exitCode === undefined ? {} : { exitCode }) };
    for (const pass of this.#watchers) pass(event);
  }

  #note(what: string, record: ContainerRecord): void {
    const name = record.labels['berth.dev/container'] ?? record.labels['berth.dev/role'] ?? record.name;
    this.calls.push(`${what} ${name}/${record.labels['berth.dev/attempt'] ?? ''}`);
  }

  #now(): number {
    return this.#world.clock.wallMs();
  }
}

function imageRecord(reference: string): ImageRecord {
  return { id: imageIdOf(reference), names: [reference], sizeBytes: 1000, user: '' };
}

function imageIdOf(reference: string): string {
  return `sha256:${Buffer.from(reference).toString('hex').padEnd(64, '0').slice(0, 64)}`;
}
