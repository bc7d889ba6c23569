import type { Authorize } from '../http/access.ts';
import { groups } from './identity.ts';

/**
 * The wall until roles exist: administrators and servers may do everything, everybody else nothing. Nodes have no business
 * at the API at all: what an agent needs it gets through its session, filtered to its own pods.
 */
export const authorizeByGroup: Authorize = async (requester) => {
  if (requester.groups.includes(groups.masters) || requester.groups.includes(groups.servers)) return { allowed: true };
  if (requester.groups.includes(groups.nodes))
    return { allowed: false, reason: 'a node is served by the agent gateway, not by the API' };
  return { allowed: false };
};
