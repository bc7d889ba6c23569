import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';

/** A program of the machine ended with an error; the message has its last words. */
export class CommandError extends Error {
  readonly exitCode: number | undefined;

  constructor(command: string, exitCode: number | undefined, output: string) {
    super(`${command}: ${output.trim() === '' ? `exit code ${exitCode}` : output.trim()}`);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

const outputBytesMax = 64 * 2 ** 20;
const timeoutMs = 30_000;
/** The programs of system administration are not on everybody's path. */
const searchPath = [process.env['PATH'] ?? '/usr/bin:/bin', '/usr/sbin', '/sbin'].join(':');
const environment = { ...process.env, PATH: searchPath, LC_ALL: 'C' };

/**
 * Programs of the machine (ip, nft, mount). An agent that runs in a container shares the machine's network, but sees other files than
 * the container engine does: what concerns those is done by way of one of the machine's processes.
 */
export class HostCommands {
  readonly #machinePid: number | undefined;

  /** `machinePid`: a process that sees the same files as the engine; undefined = we do ourselves. */
  constructor(machinePid: number | undefined) {
    this.#machinePid = machinePid;
  }

  /** What stands before a path of the machine for this process. */
  get filePrefix(): string {
    return this.#machinePid === undefined ? '' : `/proc/${this.#machinePid}/root`;
  }

  get mountTable(): string {
    return `/proc/${this.#machinePid ?? 'self'}/mountinfo`;
  }

  /** Rejects when one of the programs is missing; `packages` says where they come from. */
  async require(programs: readonly string[], packages: string): Promise<void> {
    const missing: string[] = [];
    for (const program of programs) {
      const places = searchPath.split(':').map((folder) => join(folder, program));
      const found = await Promise.all(
        places.map((place) =>
          access(place, constants.X_OK).then(
            () => true,
            () => false,
          ),
        ),
      );
      if (!found.includes(true)) missing.push(program);
    }
    if (missing.length === 0) return;
    throw new Error(`the agent needs the programs ${missing.join(', ')} (packages ${packages})`);
  }

  /** Resolves with what the program printed. */
  run(program: string, args: readonly string[], input?: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = {
        env: environment,
        maxBuffer: outputBytesMax,
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
      } as const;
      const child = execFile(program, args, options, (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        const code = typeof error.code === 'number' ? error.code : undefined;
        const output = stderr === '' ? (code === undefined ? error.message : stdout) : stderr;
        reject(new CommandError([program, ...args.slice(0, 4)].join(' '), code, output));
      });
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input ?? '');
    });
  }

  /** As `run`, among the machine's files. */
  runOnMachine(program: string, args: readonly string[]): Promise<string> {
    if (this.#machinePid === undefined) return this.run(program, args);
    return this.run('nsenter', ['--target', String(this.#machinePid), '--mount', '--', program, ...args]);
  }
}
