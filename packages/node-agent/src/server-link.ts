import type { World } from '@berth/world';
import type { NodeIdentity } from './identity/node-identity.ts';
import type { Log } from './logging/log.ts';
import { nodeVersion } from './node/machine-facts.ts';
import { describedNode, type NodeFacts } from './node/node-status.ts';
import type { NodeWork } from './node-work.ts';
import { isMember } from './pod/observed-container.ts';
import { Checkpoint } from './session/checkpoint.ts';
import { NodeAssignment } from './session/node-assignment.ts';
import type { ServerBook } from './session/server-book.ts';
import { SessionKeeper } from './session/session-keeper.ts';
import { TunnelDesk } from './tunnel/tunnel-desk.ts';

const protocolVersion = 1;
/** Servers get this long to tell what this node has to do; then it goes on with what they said last. */
const patienceMs = 2000;

export interface ServerLinkOptions {
  readonly identity: () => NodeIdentity;
  readonly servers: ServerBook;
  /** Every known server was asked in vain. */
  readonly onUnreachable: () => void;
  readonly facts: NodeFacts;
  readonly work: NodeWork;
  readonly world: World;
  readonly log: Log;
}

export interface ServerLink extends AsyncDisposable {
  readonly connected: boolean;
  notReady(): readonly string[];
}

/** Ties the node's work to the servers: what they say goes to the pods, what happens to the pods goes to them. */
export function openServerLink(options: ServerLinkOptions): ServerLink {
  const { identity, servers, facts, work, world, log, onUnreachable } = options;
  const { machine, keeper, containers, config, network, files, reports, watch } = work;
  const processId = world.random.uuid();
  const checkpoint = new Checkpoint(work.runtimeDir);
  const assignment = new NodeAssignment({
    keeper,
    config,
    checkpoint,
    log,
    onSynced: (uids) => reports.retainOnly(uids),
    onNode: (node) => network.nodeChanged(node),
    onNetwork: (table) => network.cluster.offer(table),
    leftovers: () => files.uids(),
  });
  const desk = new TunnelDesk({
    engine: machine.engine,
    log,
    find: (uid) => keeper.find(uid),
    members: (uid, container) =>
      containers
        .ofPod(uid)
        .filter(isMember)
        .filter(({ identity }) => identity.container === container)
        .sort((a, b) => b.identity.attempt - a.identity.attempt),
  });
  const session = new SessionKeeper({
    identity,
    servers,
    onUnreachable,
    hello: () => ({
      nodeName: facts.name,
      processId,
      protocolVersion,
      agentVersion: nodeVersion,
      node: Buffer.from(JSON.stringify(describedNode(facts, watch.health))),
    }),
    world,
    log,
    reports,
    onWelcome: () => assignment.begin(),
    onMessage: (word, from) => {
      if (word.$case === 'openTunnel') desk.open(word.value, from.client);
      if (word.$case === 'reportPod') reports.repeatPod(word.value.uid);
      if (word.$case === 'podGone') reports.forgetPod(word.value.uid);
      assignment.take(word);
    },
  });
  work.onReport(() => session.flush());
  const patience = world.timers.after(patienceMs, () => {
    if (!assignment.heard) void assignment.restore();
  });
  return {
    get connected() {
      return session.connected;
    },
    notReady: () => (session.connected ? [] : ['no server can be reached']),
    async [Symbol.asyncDispose]() {
      patience[Symbol.dispose]();
      await session[Symbol.asyncDispose]();
      await checkpoint.idle();
    },
  };
}
