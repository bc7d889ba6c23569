import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { World } from '@berth/world';

/** A process that outlives the command that started it. Start time and boot guard against a pid that was given away again. */
export interface LaunchedProcess {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks since boot. */
  readonly startTicks: number;
  /** Of the kernel's run in which the process was started. */
  readonly bootId: string;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** stdout and stderr are appended here. */
  readonly logFile: string;
}

/** Starts a process of its own session, whose end nobody waits for. It stands in `/`, so that it keeps no folder busy. */
export function launch(command: Command): LaunchedProcess {
  const log = openSync(command.logFile, 'a', 0o640);
  try {
    const child = spawn(command.program, command.args, { cwd: '/', detached: true, stdio: ['ignore', log, log] });
    // Without a listener a failure to start would end this process; the missing pid below says as much.
    child.on('error', () => undefined);
    if (child.pid === undefined) throw new Error(`${command.program} could not be started`);
    child.unref();
    const launched = processOf(child.pid);
    if (launched === undefined) throw new Error(`${command.program} ended at once; see ${command.logFile}`);
    return launched;
  } finally {
    closeSync(log);
  }
}

/** The process that has this pid now; undefined when there is none. */
export function processOf(pid: number): LaunchedProcess | undefined {
  const startTicks = startTicksOf(pid);
  return startTicks === undefined ? undefined : { pid, startTicks, bootId: currentBoot() };
}

export function isAlive({ pid, startTicks, bootId }: LaunchedProcess): boolean {
  return bootId === currentBoot() && startTicksOf(pid) === startTicks;
}

/** Sends a signal unless the process is gone already. */
export function signal(launched: LaunchedProcess, name: NodeJS.Signals): void {
  if (!isAlive(launched)) return;
  try {
    process.kill(launched.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Asks with SIGTERM, insists with SIGKILL after `graceMs`; a stopped process is woken up first. Resolves when it is gone. */
export async function terminate(launched: LaunchedProcess, graceMs: number, world: World): Promise<void> {
  signal(launched, 'SIGTERM');
  signal(launched, 'SIGCONT');
  const deadline = world.clock.monotonicMs() + graceMs;
  while (isAlive(launched) && world.clock.monotonicMs() < deadline) await world.timers.sleep(20);
  signal(launched, 'SIGKILL');
  while (isAlive(launched)) await world.timers.sleep(5);
}

let boot: string | undefined;

function currentBoot(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return boot;
}

/** Undefined for a process that is gone or a zombie. */
function startTicksOf(pid: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field is the name in parentheses and may contain anything; the third is the state.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : Number(fields[19]);
}
