import { execFile, spawn } from 'node:child_process';
import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** The releases that must work. */
export const kubectlReleases: readonly string[] = ['1.30', '1.31', '1.32', '1.33'];

/** Those that this machine has, as `kubectl.1.33` and so on beside its kubectl; oldest first. */
export function presentReleases(): readonly string[] {
  return kubectlReleases.filter((release) => kubectlPath(release) !== undefined);
}

export interface Finished {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Kubectl {
  /** Runs to the end; what it prints on its error output is part of the answer. */
  run(...args: readonly string[]): Promise<Finished>;
  /** Runs with a manifest on its input. */
  feed(manifest: unknown, ...args: readonly string[]): Promise<Finished>;
  /** Starts and answers lines as they are printed. */
  follow(...args: readonly string[]): Following;
}

interface Following extends AsyncDisposable {
  line(): Promise<string | undefined>;
}

/** Where the binary of a release lies; undefined when this machine has none. */
export function kubectlPath(release: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    try {
      const path = join(dirname(realpathSync(join(folder, 'kubectl'))), `kubectl.${release}`);
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

/** kubectl with a home, a cache and a kubeconfig of its own; `edit` runs the program `editor` in that home. */
export function kubectl(path: string, kubeconfig: string, home: string): Kubectl {
  const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: kubeconfig, KUBE_EDITOR: join(home, 'editor') };
  const execute = (args: readonly string[], input = ''): Promise<Finished> => {
    const { promise, resolve } = Promise.withResolvers<Finished>();
    const child = execFile(path, [...args], { env }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, out, err }),
    );
    child.stdin?.end(input);
    return promise;
  };
  return {
    run: (...args) => execute(args),
    feed: (manifest, ...args) => execute([...args, '-f', '-'], JSON.stringify(manifest)),
    follow(...args) {
      const child = spawn(path, [...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
      const closed = new Promise((resolve) => child.once('close', resolve));
      const lines = linesOf(child.stdout);
      return {
        async line() {
          const { value, done } = await lines.next();
          return done === true ? undefined : value;
        },
        async [Symbol.asyncDispose]() {
          child.kill();
          await closed;
        },
      };
    },
  };
}

async function* linesOf(output: AsyncIterable<Buffer>): AsyncGenerator<string, void> {
  let rest = '';
  for await (const bytes of output) {
    rest += bytes.toString();
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
