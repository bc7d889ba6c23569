import { readFile } from 'node:fs/promises';

/** What processes have used since they began, all together. */
export interface Usage {
  readonly cpuMs: number;
  readonly writtenBytes: number;
  readonly residentBytes: number;
}

/** Of Linux's clock in `/proc/PID/stat`. */
const tickMs = 10;

export async function usageOf(pids: readonly number[]): Promise<Usage> {
  const each = await Promise.all(pids.map(usageOfOne));
  return {
    cpuMs: each.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    writtenBytes: each.reduce((sum, { writtenBytes }) => sum + writtenBytes, 0),
    residentBytes: each.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
  };
}

async function usageOfOne(pid: number): Promise<Usage> {
  const [stat, io, status] = await Promise.all(
    ['stat', 'io', 'status'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')),
  );
  // The command's name, in brackets, may hold spaces.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  const [userTicks = 0, systemTicks = 0] = [fields[11], fields[12]].map(Number);
  return {
    cpuMs: (userTicks + systemTicks) * tickMs,
    writtenBytes: Number(/^write_bytes: (\d+)/m.exec(io ?? '')?.[1]),
    residentBytes: Number(/^VmRSS:\s+(\d+) kB/m.exec(status ?? '')?.[1]) * 1024,
  };
}
