import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { attempt, type CommandResult, RunningCommand, run } from './command.ts';

export interface KubectlProgram {
  /** As it says itself, e.g. `1.33`. */
  readonly version: string;
  readonly path: string;
}

/** Minor versions that must work; the newest is used where the version does not matter. */
const supported = ['1.30', '1.31', '1.32', '1.33'];

/** Every supported kubectl that lies beside the one on the path, else the one on the path. */
export function kubectlPrograms(): readonly [KubectlProgram, ...KubectlProgram[]] {
  const path = execFileSync('sh', ['-c', 'command -v kubectl'], { encoding: 'utf8' }).trim();
  const folder = dirname(realpathSync(path));
  const beside = supported
    .map((version) => ({ version, path: join(folder, `kubectl.${version}`) }))
    .filter((program) => existsSync(program.path));
  const [newest, ...others] = beside.reverse();
  if (newest !== undefined) return [newest, ...others];
  const client = JSON.parse(execFileSync(path, ['version', '--client', '-o', 'json'], { encoding: 'utf8' })) as {
    readonly clientVersion: { readonly major: string; readonly minor: string };
  };
  return [{ version: `${client.clientVersion.major}.${client.clientVersion.minor}`, path }];
}

export interface KubectlSettings {
  readonly program: KubectlProgram;
  readonly kubeconfig: string;
  /** Where it may keep its discovery cache. */
  readonly cacheDir: string;
  /** Flags before every command, e.g. `--namespace`. */
  readonly flags?: readonly string[];
  /** The program that `kubectl edit` calls with the file to be changed. */
  readonly editor?: string;
}

/** The real kubectl, as a user of the cluster runs it. */
export class Kubectl {
  readonly #settings: KubectlSettings;

  constructor(settings: KubectlSettings) {
    this.#settings = settings;
  }

  /** The same with more flags. */
  with(
    changes: Partial<Pick<KubectlSettings, 'program' | 'kubeconfig' | 'editor'>>,
    ...flags: readonly string[]
  ): Kubectl {
    return new Kubectl({ ...this.#settings, ...changes, flags: [...(this.#settings.flags ?? []), ...flags] });
  }

  in(namespace: string): Kubectl {
    return this.with({}, '--namespace', namespace);
  }

  /** Standard output of a command that must succeed. */
  run(...args: readonly string[]): Promise<string> {
    return run(this.#settings.program.path, this.#arguments(args), { env: this.#environment() });
  }

  async json<T>(...args: readonly string[]): Promise<T> {
    return JSON.parse(await this.run(...args, '--output', 'json')) as T;
  }

  attempt(args: readonly string[], input?: string): Promise<CommandResult> {
    const options = { env: this.#environment(), ...(input === undefined ? {} : { input }) };
    return attempt(this.#settings.program.path, this.#arguments(args), options);
  }

  /** What it writes to standard error when the server, or kubectl itself, refuses. */
  async refused(...args: readonly string[]): Promise<string> {
    const result = await this.attempt(args);
    if (result.code === 0) throw new Error(`kubectl ${args.join(' ')} was not refused:\n${result.stdout}`);
    return result.stderr;
  }

  /** `kubectl COMMAND -f -`, with objects or YAML text. */
  feed(input: string | readonly unknown[], ...args: readonly string[]): Promise<string> {
    const text = typeof input === 'string' ? input : input.map((object) => JSON.stringify(object)).join('\n');
    return run(this.#settings.program.path, this.#arguments([...args, '--filename', '-']), {
      env: this.#environment(),
      input: text,
    });
  }

  apply(...objects: readonly unknown[]): Promise<string> {
    return this.feed(objects, 'apply');
  }

  /** A command that goes on, such as `logs --follow`. */
  start(...args: readonly string[]): RunningCommand {
    return new RunningCommand(this.#settings.program.path, this.#arguments(args), { env: this.#environment() });
  }

  #arguments(args: readonly string[]): readonly string[] {
    return [...(this.#settings.flags ?? []), ...args];
  }

  #environment(): Readonly<Record<string, string>> {
    const { kubeconfig, cacheDir, editor } = this.#settings;
    return { KUBECONFIG: kubeconfig, KUBECACHEDIR: cacheDir, ...(editor === undefined ? {} : { KUBE_EDITOR: editor }) };
  }
}
