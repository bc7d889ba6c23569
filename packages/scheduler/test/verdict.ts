import type { Node, Pod } from '@berth/api';
import { createSession } from '../src/index.ts';
import { decide } from './decisions.ts';

/** The sentence without what it says of preemption. */
export function mainClause(message: string): string {
  return message.replace(/ preemption: .*/, '');
}

/** Where a pod goes when these nodes and pods are all there is; or the sentence why it goes nowhere. */
export function verdict(nodes: readonly Node[], placed: readonly Pod[], pending: Pod): string {
  const session = createSession({ nodeOrder: (name) => nodes.findIndex(({ metadata }) => metadata.name === name) });
  for (const each of nodes) session.upsertNode(each);
  for (const each of placed) session.upsertPod(each);
  session.upsertPod(pending);
  const { placed: homes, refused } = decide(session);
  const uid = pending.metadata.uid ?? '';
  return homes.get(uid) ?? mainClause(refused.get(uid)?.message ?? 'undecided');
}
