import { type MembershipChange, memberId, type Proposal, type RaftOptions } from '../../src/index.ts';
import { craftMessage } from './crafted-message.ts';
import { entriesText, messageText } from './message-text.ts';
import { ScenarioCluster, testMember } from './scenario-cluster.ts';

const encoder = new TextEncoder();

/** Carries out one line of a scenario on the cluster (undefined before `cluster`); returns the cluster. */
export function runCommand(cluster: ScenarioCluster | undefined, line: string): ScenarioCluster {
  const [name = '', ...args] = line.split(/\s+/);
  if (name === 'cluster') return foundCluster(args);
  if (cluster === undefined) throw new Error('a scenario begins with: cluster VOTERS');
  const command = commands[name];
  if (command === undefined) throw new Error(`unknown command ${name}`);
  command(cluster, args);
  return cluster;
}

type Command = (cluster: ScenarioCluster, args: readonly string[]) => void;

function foundCluster(args: readonly string[]): ScenarioCluster {
  const { learners = 0, ...options } = settings(args.slice(1).filter((arg) => !arg.startsWith('preferred=')));
  const preferred =
    args
      .find((arg) => arg.startsWith('preferred='))
      ?.slice('preferred='.length)
      .split(',') ?? [];
  const { drift, ...numbers } = options as { drift?: number } & Partial<RaftOptions>;
  const lease = drift === undefined ? {} : { leaseReads: { driftPercent: drift } };
  return ScenarioCluster.found(whole(args[0]), learners, preferred.map(Number), {
    electionTicks: 10,
    heartbeatTicks: 1,
    hungDiskTicks: 25,
    ...numbers,
    ...lease,
  });
}

const commands: Readonly<Record<string, Command>> = {
  /** Ticks the member until it campaigns. */
  campaign(cluster, [id]) {
    const member = cluster.get(whole(id));
    for (let i = 0; i < 40 && member.status.role === 'follower'; i++) tick(cluster, whole(id), 1);
  },
  tick(cluster, [ids, times = '1']) {
    for (let i = 0; i < whole(times); i++) for (const id of list(ids)) tick(cluster, id, 1);
  },
  /** Everybody named ticks and everything is delivered, again and again. */
  run(cluster, [ids, times]) {
    for (let i = 0; i < whole(times); i++) {
      for (const id of list(ids)) if (cluster.get(id).up) tick(cluster, id, 1);
      cluster.stabilize([...cluster.members.keys()]);
    }
  },
  /** One late tick that stands for many. */
  stall(cluster, [id, ticks]) {
    tick(cluster, whole(id), whole(ticks));
  },
  propose(cluster, [id, ...texts]) {
    const proposals = texts.map((text) => proposal(encoder.encode(text)));
    cluster.step(whole(id), { kind: 'propose', proposals }, `propose ${texts.join(' ')}`);
  },
  /** `count` proposals of `bytes` each in one event. */
  'propose-many'(cluster, [id, count, bytes]) {
    const proposals = Array.from({ length: whole(count) }, () => proposal(new Uint8Array(whole(bytes)).fill(120)));
    cluster.step(whole(id), { kind: 'propose', proposals }, `propose ${count} of ${bytes} bytes`);
  },
  read(cluster, [id, readId, elapsed = '0']) {
    cluster.step(whole(id), { kind: 'read', id: whole(readId), elapsedTicks: whole(elapsed) }, `read ${readId}`);
  },
  change(cluster, [id, ...words]) {
    const changes = words.join(' ').split(',').map(parseChange);
    cluster.step(whole(id), { kind: 'change-membership', id: 1, changes }, `change ${words.join(' ')}`);
  },
  transfer(cluster, [id, to]) {
    cluster.step(whole(id), { kind: 'transfer', to: memberId(whole(to)) }, `transfer to ${to}`);
  },
  'peer-down'(cluster, [id, peer]) {
    cluster.step(whole(id), { kind: 'peer-down', peer: memberId(whole(peer)) }, `peer ${peer} down`);
  },
  'peer-near'(cluster, [id, peer]) {
    cluster.step(whole(id), { kind: 'peer-near', peer: memberId(whole(peer)), near: true }, `peer ${peer} near`);
  },
  'disk-space'(cluster, [id, state]) {
    cluster.step(whole(id), { kind: 'disk-space', low: state === 'low' }, `disk space ${state}`);
  },
  join(cluster, [id, ...options]) {
    cluster.join(whole(id), settings(options));
  },
  /** Completes the oldest writes of a member, all of them unless a number is given. */
  persist(cluster, [id, count]) {
    const member = cluster.get(whole(id));
    const most = count === undefined ? member.disk.pending.length : whole(count);
    for (let i = 0; i < most; i++) cluster.persist(whole(id));
  },
  apply(cluster, [id]) {
    const event = cluster.get(whole(id)).apply();
    if (event !== undefined) cluster.step(whole(id), event, 'applied');
  },
  /** Does one piece of the shell's work, such as reading a chunk. */
  work(cluster, [id]) {
    const event = cluster.get(whole(id)).doWork();
    if (event !== undefined) cluster.step(whole(id), event, event.kind);
  },
  stabilize(cluster, [ids]) {
    cluster.stabilize(ids === undefined ? [...cluster.members.keys()] : list(ids));
  },
  /** `deliver 1>2 [kind]`: what is on this way now, optionally of one kind. */
  deliver(cluster, [route, kind]) {
    for (const message of take(cluster, route, kind)) cluster.deliver(message);
  },
  drop(cluster, [route, kind]) {
    take(cluster, route, kind);
  },
  /** Takes messages off the way and keeps them for `replay`. */
  keep(cluster, [route, kind]) {
    cluster.kept.push(...take(cluster, route, kind));
  },
  /** Keeps a copy for `replay`; the original goes its way. */
  copy(cluster, [route, kind]) {
    const before = [...cluster.flying];
    cluster.kept.push(...take(cluster, route, kind));
    cluster.flying = before;
  },
  replay(cluster) {
    const messages = cluster.kept;
    cluster.kept = [];
    for (const message of messages) cluster.deliver(message);
  },
  /** Delivers a message that was made up: `inject 2>1 append-accepted term=2 matchIndex=5`. */
  inject(cluster, [route = '', kind = '', ...fields]) {
    const [from, to] = route.split('>').map(Number);
    const sender = cluster.members.get(from ?? 0);
    cluster.deliver(craftMessage(kind, { from, to, incarnation: sender?.disk.incarnation ?? 1 }, fields));
  },
  flying(cluster) {
    for (const message of cluster.flying) cluster.trace.push(`${message.from}>${message.to} ${messageText(message)}`);
  },
  cut(cluster, routes) {
    for (const route of routes) cluster.cut.add(route);
  },
  isolate(cluster, [id]) {
    for (const other of cluster.members.keys()) {
      if (other === whole(id)) continue;
      cluster.cut.add(`${id}>${other}`).add(`${other}>${id}`);
    }
  },
  heal(cluster) {
    cluster.cut.clear();
  },
  /** `stuck 1`: its disk finishes nothing; `unstuck 1`. */
  stuck(cluster, [id]) {
    cluster.get(whole(id)).stuck = true;
  },
  unstuck(cluster, [id]) {
    cluster.get(whole(id)).stuck = false;
  },
  /** `busy 1`: it reads nothing and makes no snapshot but by `work`; `idle 1`. */
  busy(cluster, [id]) {
    cluster.get(whole(id)).busy = true;
  },
  idle(cluster, [id]) {
    cluster.get(whole(id)).busy = false;
  },
  /** `crash 1 [kept]`: writes under way are lost, or happened to reach the disk. */
  crash(cluster, [id, writes]) {
    cluster.get(whole(id)).crash(writes === 'kept');
    cluster.flying = cluster.flying.filter((message) => message.to !== whole(id));
  },
  /** `restart 1 [tail=K] [lost]`: K entries of its durable tail are gone; `lost` says that its shell noticed. */
  restart(cluster, [id, ...how]) {
    const member = cluster.get(whole(id));
    const tail = how.find((word) => word.startsWith('tail='));
    if (tail !== undefined) member.disk.entries = member.disk.entries.slice(0, -whole(tail.slice(5)));
    member.start(how.includes('lost'));
    cluster.trace.push(`${id}: up, incarnation ${member.disk.incarnation}, log to ${member.status.lastIndex}`);
  },
  /** `upgrade 1 2`: restarts it with a version that supports this feature level. */
  upgrade(cluster, [id, level]) {
    const member = cluster.get(whole(id));
    member.crash(true);
    member.options = { ...member.options, supportedFeatureLevel: whole(level) };
    member.start();
    cluster.trace.push(`${id}: up, supports feature level ${level}`);
  },
  log(cluster, [ids]) {
    for (const id of list(ids)) {
      const { base, entries } = cluster.get(id).disk;
      cluster.trace.push(`${id}: base ${base.index}/${base.term} ${entriesText(entries)}`);
    }
  },
  status(cluster, [ids]) {
    for (const id of list(ids)) cluster.trace.push(statusText(cluster, id));
  },
  state(cluster, [ids]) {
    for (const id of list(ids)) cluster.trace.push(`${id}: ${cluster.get(id).state.join(' ')}`);
  },
};

function statusText(cluster: ScenarioCluster, id: number): string {
  const { status } = cluster.get(id);
  const peers = status.peers.map((peer) => `${peer.id}:${peer.state} match ${peer.match} next ${peer.next}`);
  const marks = [
    status.quarantinedUpTo === undefined ? '' : ` quarantined-${status.quarantinedUpTo}`,
    status.removed ? ' removed' : '',
    status.diskHung ? ' disk-hung' : '',
    status.halted === undefined ? '' : ' halted',
  ];
  const own = `${id}: ${status.role} term ${status.term} leader ${status.leader ?? '-'} commit ${status.commitIndex} last ${status.lastIndex}/${status.lastTerm}`;
  return [own + marks.join(''), ...peers].join(' | ');
}

function tick(cluster: ScenarioCluster, id: number, elapsedTicks: number): void {
  cluster.step(id, { kind: 'tick', elapsedTicks }, undefined);
}

function take(cluster: ScenarioCluster, route = '', kind: string | undefined) {
  const [from, to] = route.split('>');
  const wanted = cluster.flying.filter(
    (message) =>
      (from === '*' || message.from === Number(from)) &&
      (to === '*' || message.to === Number(to)) &&
      (kind === undefined || message.kind === kind),
  );
  cluster.flying = cluster.flying.filter((message) => !wanted.includes(message));
  return wanted;
}

function proposal(payload: Uint8Array): Proposal {
  return { session: 0, sequence: 0, ackedBelow: 0, payload };
}

function parseChange(text: string): MembershipChange {
  const [kind, id] = text.trim().split(/\s+/);
  const number = whole(id);
  switch (kind) {
    case 'add':
      return { kind: 'add-learner', member: testMember(number) };
    case 'promote':
    case 'demote':
    case 'remove':
      return { kind, id: memberId(number) };
    case 'prefer':
      return { kind: 'update', id: memberId(number), address: `10.0.1.${number}`, preferred: true };
    default:
      throw new Error(`unknown change ${text}`);
  }
}

/** `name=number` pairs. */
function settings(args: readonly string[]): Record<string, number> {
  return Object.fromEntries(args.map((arg) => [arg.split('=')[0], Number(arg.split('=')[1])]));
}

function list(text = ''): number[] {
  return text.split(',').map(whole);
}

function whole(text: string | undefined): number {
  const value = Number(text);
  if (text === undefined || !Number.isInteger(value)) throw new Error(`a whole number is wanted, got ${text}`);
  return value;
}
