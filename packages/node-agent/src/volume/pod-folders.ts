import { join } from 'node:path';

/**
 * Where the files of pods lie on the machine. Paths are as the engine sees them; the agent itself, when it runs in a container, reaches them
 * through `root` (`/proc/1/root`), so that nothing has to be mounted into it.
 */
export class PodFolders {
  /** Prefix of the agent's own view of the machine's files; empty when they are the same. */
  readonly root: string;
  readonly #dataDir: string;
  readonly #runtimeDir: string;

  /** Both directories are absolute; `runtimeDir` must be on memory (tmpfs), since secrets are written below it. */
  constructor(options: { readonly root: string; readonly dataDir: string; readonly runtimeDir: string }) {
    this.root = options.root;
    this.#dataDir = options.dataDir;
    this.#runtimeDir = options.runtimeDir;
  }

  get onDisk(): string {
    return join(this.#dataDir, 'pods');
  }

  get inMemory(): string {
    return join(this.#runtimeDir, 'pods');
  }

  /** The agent's own path of a path on the machine. */
  own(path: string): string {
    return this.root + path;
  }

  podOnDisk(uid: string): string {
    return join(this.onDisk, uid);
  }

  podInMemory(uid: string): string {
    return join(this.inMemory, uid);
  }

  volumeOnDisk(uid: string, volume: string): string {
    return join(this.podOnDisk(uid), 'volumes', volume);
  }

  volumeInMemory(uid: string, volume: string): string {
    return join(this.podInMemory(uid), 'volumes', volume);
  }

  identityFile(uid: string, file: 'hosts' | 'hostname' | 'resolv.conf'): string {
    return join(this.podOnDisk(uid), 'etc', file);
  }

  terminationFile(uid: string, container: string, attempt: number): string {
    return join(this.podOnDisk(uid), 'termination', container, String(attempt));
  }
}
