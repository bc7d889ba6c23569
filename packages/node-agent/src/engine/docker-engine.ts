import { Readable } from 'node:stream';
import type { World } from '@berth/world';
import Docker from 'dockerode';
import type { ContainerRecord } from './container-record.ts';
import type { ContainerSpec } from './container-spec.ts';
import { dockerContainerBody } from './docker-container-body.ts';
import { engineErrorOf } from './docker-error.ts';
import { runDockerExec } from './docker-exec.ts';
import { importDockerImage, listDockerImages, pullDockerImage } from './docker-images.ts';
import { dockerLogs } from './docker-logs.ts';
import { containerRecord } from './docker-record.ts';
import { watchDocker } from './docker-watch.ts';
import type {
  Engine,
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
import { EngineError, isNotFound } from './engine-error.ts';
import { registryHost } from './registry-host.ts';

export interface DockerEngineOptions {
  /** Path of the engine's socket, e.g. `/var/run/docker.sock`. */
  readonly socketPath: string;
  readonly world: World;
}

/** Docker Engine (API 1.41 and later) through dockerode. */
export class DockerEngine implements Engine {
  readonly #docker: Docker;
  readonly #world: World;

  constructor(options: DockerEngineOptions) {
    this.#docker = new Docker({ socketPath: options.socketPath });
    this.#world = options.world;
  }

  async info(): Promise<EngineInfo> {
    const info = await this.#call('asking the engine about itself', () => this.#docker.info());
    return {
      name: 'docker',
      version: info.ServerVersion,
      engineId: info.ID,
      architecture: info.Architecture === 'aarch64' ? 'arm64' : 'amd64',
      operatingSystem: info.OperatingSystem,
      kernelVersion: info.KernelVersion,
      cpus: info.NCPU,
      memoryBytes: info.MemTotal,
      rootDirectory: info.DockerRootDir,
      defaultRegistry: registryHost(info.IndexServerAddress ?? ''),
    };
  }

  async list(labels: Readonly<Record<string, string>>): Promise<readonly ContainerRecord[]> {
    const filters = { label: labelFilter(labels) };
    const found = await this.#call('listing containers', () => this.#docker.listContainers({ all: true, filters }));
    const records = await Promise.all(
      found.map(({ Id }) =>
        this.inspect(Id).catch((error: unknown) => {
          if (isNotFound(error)) return undefined;
          throw error;
        }),
      ),
    );
    return records.filter((record) => record !== undefined);
  }

  async inspect(containerId: string): Promise<ContainerRecord> {
    return containerRecord(
      await this.#call('inspecting a container', () => this.#docker.getContainer(containerId).inspect()),
    );
  }

  async create(spec: ContainerSpec): Promise<string> {
    const created = await this.#call(`creating container ${spec.name}`, () =>
      this.#docker.createContainer(dockerContainerBody(spec)),
    );
    return created.id;
  }

  async start(containerId: string): Promise<void> {
    try {
      await this.#docker.getContainer(containerId).start();
    } catch (thrown) {
      const error = engineErrorOf(thrown, 'starting a container');
      // 304: it runs already. Docker has no code of its own for a program that cannot be run: all that is left is that.
      if ((thrown as { statusCode?: unknown }).statusCode === 304) return;
      if (error.code === 'unreachable' || (error.code === 'not-found' && /no such container/i.test(error.message))) {
        throw error;
      }
      throw new EngineError('start-failed', error.message, { cause: thrown });
    }
  }

  async signal(containerId: string, signal: string): Promise<void> {
    try {
      await this.#call(`sending ${signal}`, () => this.#docker.getContainer(containerId).kill({ signal }));
    } catch (error) {
      if (error instanceof EngineError && (error.code === 'conflict' || error.code === 'not-found')) return;
      throw error;
    }
  }

  async remove(containerId: string): Promise<void> {
    try {
      await this.#call('removing a container', () =>
        this.#docker.getContainer(containerId).remove({ force: true, v: true }),
      );
    } catch (error) {
      // 409: another call is removing it right now.
      if (error instanceof EngineError && (error.code === 'conflict' || error.code === 'not-found')) return;
      throw error;
    }
  }

  exec(containerId: string, request: ExecRequest): Promise<ExecResult> {
    return this.#call('running a command in a container', () =>
      runDockerExec(this.#docker, this.#world, containerId, request),
    );
  }

  logs(containerId: string, request: LogRequest, signal: AbortSignal): AsyncIterable<LogChunk> {
    return dockerLogs(this.#docker, containerId, request, signal);
  }

  async inspectImage(reference: string): Promise<ImageRecord | undefined> {
    try {
      const image = await this.#call(`inspecting image ${reference}`, () => this.#docker.getImage(reference).inspect());
      return {
        id: image.Id,
        names: [...(image.RepoTags ?? []), ...(image.RepoDigests ?? [])],
        sizeBytes: image.Size,
        user: image.Config?.User ?? '',
      };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async pullImage(reference: string, credentials: RegistryCredentials | undefined): Promise<void> {
    await pullDockerImage(this.#docker, reference, credentials);
  }

  listImages(): Promise<readonly ImageRecord[]> {
    return this.#call('listing images', () => listDockerImages(this.#docker));
  }

  async importImage(archive: Uint8Array, reference: string, content: ImageContent): Promise<void> {
    await this.#call(`importing image ${reference}`, () =>
      importDockerImage(this.#docker, Readable.from([Buffer.from(archive)]), reference, content),
    );
  }

  watch(labels: Readonly<Record<string, string>>, watcher: EngineWatcher, signal: AbortSignal): Promise<void> {
    const sinceSeconds = Math.floor(this.#world.clock.wallMs() / 1000) - 1;
    return this.#call('watching containers', () =>
      watchDocker(this.#docker, { labels: labelFilter(labels), sinceSeconds }, watcher, signal),
    );
  }

  async #call<T>(during: string, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (thrown) {
      throw engineErrorOf(thrown, during);
    }
  }
}

function labelFilter(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`);
}
