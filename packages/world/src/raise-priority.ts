import { constants, setPriority } from 'node:os';

const raised = constants.priority.PRIORITY_ABOVE_NORMAL;

/**
 * Lets this process and the threads it starts later run before those of normal priority (nice -7). For servers and agents, which keep nodes and terms alive:
 * on a crowded machine they must not wait behind the pods they look after. Only root may; for others nothing changes.
 */
export function raisePriority(): void {
  try {
    setPriority(raised);
  } catch {
    // Not allowed to (EACCES, EPERM): it runs like everything else.
  }
}
