import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Runs a program to its end; its stdout. Throws with what it wrote to stderr. */
export async function run(program: string, ...args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await execute(program, args, { maxBuffer: 16 << 20 });
    return stdout;
  } catch (error) {
    const { stderr } = error as { readonly stderr?: string };
    throw new Error(`${[program, ...args].join(' ')}: ${stderr?.trim() || (error as Error).message}`, { cause: error });
  }
}

/** The same inside a named network namespace. Not `ip netns exec`, which would hide the cgroup mounts. */
export function runIn(namespace: string, program: string, ...args: readonly string[]): Promise<string> {
  return run('nsenter', `--net=/run/netns/${namespace}`, '--', program, ...args);
}
