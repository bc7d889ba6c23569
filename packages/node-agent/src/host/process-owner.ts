import { readFile } from 'node:fs/promises';

/**
 * Whether a process belongs to a container, by the kernel's own account. Asked before anything is done to a process that the engine
 * named: an agent that does not share the machine's process ids would hit somebody else.
 */
export async function belongsToContainer(pid: number, containerId: string): Promise<boolean> {
  const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '');
  return groups.includes(containerId);
}
