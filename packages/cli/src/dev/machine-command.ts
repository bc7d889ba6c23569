import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const outputBytesMax = 16 << 20;

/** Runs a program to its end; its stdout. Throws with what it wrote to stderr. */
export async function run(program: string, ...args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await execute(program, args, { maxBuffer: outputBytesMax });
    return stdout;
  } catch (error) {
    const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: string };
    if (code === 'ENOENT') throw new Error(`the program ${program} is missing on this machine`, { cause: error });
    throw new Error(`${[program, ...args].join(' ')}: ${stderr?.trim() || (error as Error).message}`, { cause: error });
  }
}

/** The same inside a named network namespace. Not `ip netns exec`, which would hide the cgroup mounts. */
export function runIn(namespace: string, program: string, ...args: readonly string[]): Promise<string> {
  return run('nsenter', `--net=/run/netns/${namespace}`, '--', program, ...args);
}
