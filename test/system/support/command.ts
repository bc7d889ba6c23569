import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Root of the checkout under test, with a slash at its end. */
export const root: string = fileURLToPath(new URL('../../../', import.meta.url));

export interface CommandOptions {
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input; none by default. */
  readonly input?: string;
  readonly timeoutMs?: number;
}

export interface CommandResult {
  /** 0 to 255; -1 when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const defaultTimeoutMs = 120_000;

/** Runs a program to its end, however it ends. */
export async function attempt(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, ...options.env },
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    timeout: options.timeoutMs ?? defaultTimeoutMs,
    killSignal: 'SIGKILL',
  });
  child.stdin?.on('error', () => {}).end(options.input);
  const output = collect(child);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? -1, stdout: output.stdout, stderr: output.stderr };
}

/** Runs a program that must succeed; its standard output. */
export async function run(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await attempt(program, args, options);
  if (result.code === 0) return result.stdout;
  throw new Error(`${[program, ...args].join(' ')} ended with ${result.code}\n${result.stdout}${result.stderr}`);
}

/** A program that goes on while the test does. Its output so far can be read at any time. */
export class RunningCommand implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #output: { stdout: string; stderr: string };
  readonly #closed: Promise<number>;
  #code: number | undefined;

  constructor(program: string, args: readonly string[], options: CommandOptions = {}) {
    this.#child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#output = collect(this.#child);
    this.#closed = once(this.#child, 'close').then(([code]) => {
      this.#code = (code as number | null) ?? -1;
      return this.#code;
    });
  }

  get stdout(): string {
    return this.#output.stdout;
  }

  get stderr(): string {
    return this.#output.stderr;
  }

  /** Its exit code once it has ended. */
  get code(): number | undefined {
    return this.#code;
  }

  onOutput(listener: (chunk: string) => void): void {
    this.#child.stdout?.on('data', listener);
  }

  /** Exit code; waits for the end. */
  ended(): Promise<number> {
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#code === undefined) this.#child.kill('SIGKILL');
    await this.#closed;
  }
}

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    output.stdout += chunk;
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    output.stderr += chunk;
  });
  return output;
}
