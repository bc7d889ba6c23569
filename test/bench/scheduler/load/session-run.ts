import type { Node, Pod } from '@berth/api';
import { createSession, type Profile, type Session } from '@berth/scheduler';
import type { Placed } from '../checker.ts';
import { type Elapsed, elapsed } from '../measure.ts';

export interface Run {
  readonly session: Session;
  readonly placed: readonly Placed[];
  readonly refused: number;
  /** Deciding alone; the pods were known before. */
  readonly decisions: Elapsed;
}

export interface Scene {
  readonly nodes: readonly Node[];
  /** Pods that run already. */
  readonly present?: readonly Pod[];
  readonly pending: readonly Pod[];
  readonly profile?: Profile;
}

export function sessionWith({ nodes, present = [], profile }: Omit<Scene, 'pending'>): Session {
  const session = createSession({ recordsMax: 0, ...(profile === undefined ? {} : { profiles: [profile] }) });
  for (const node of nodes) session.upsertNode(node);
  for (const pod of present) session.upsertPod(pod);
  return session;
}

/** Loads a scene and decides on all pending pods; only the deciding is timed. Nodes are in their order before. */
export function decideAll(scene: Scene): Run {
  const session = sessionWith(scene);
  settleNodes(session);
  for (const pod of scene.pending) session.upsertPod(pod);
  const homes = new Map<string, { readonly node: string; readonly devices: string | undefined }>();
  const uids: string[] = [];
  const nodes: string[] = [];
  const devicesOf: (string | undefined)[] = [];
  let refused = 0;
  const decisions = elapsed(() => {
    session.schedule(Number.MAX_SAFE_INTEGER, {
      placed(uid, node, _score, devices) {
        uids.push(uid);
        nodes.push(node);
        devicesOf.push(devices);
      },
      preempting: () => undefined,
      unschedulable() {
        refused += 1;
      },
    });
  });
  for (const [at, uid] of uids.entries()) homes.set(uid, { node: nodes[at] ?? '', devices: devicesOf[at] });
  const placed = scene.pending.flatMap((pod): readonly Placed[] => {
    const home = homes.get(pod.metadata.uid ?? '');
    return home === undefined ? [] : [{ pod, ...home }];
  });
  return { session, placed, refused, decisions };
}

/** A new session sorts its nodes at the first decision; that is part of starting, not of deciding. */
function settleNodes(session: Session): void {
  session.schedule(1, { placed: () => undefined, preempting: () => undefined, unschedulable: () => undefined });
}
