import type { ApiClient } from '../client/api-client.ts';
import { formatTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { createToken } from './token.ts';

/** A member of the consensus group as `GET /berth/v1/members` tells of it. */
export interface MemberEntry {
  readonly memberId: string;
  readonly name: string;
  readonly role: 'voter' | 'learner';
  readonly leader: boolean;
  /** Why the server that was asked cannot reach it. */
  readonly unreachable?: string;
  readonly zone: string;
  /** `host:port`. */
  readonly apiAddress: string;
  readonly peerAddress: string;
  /** Empty as long as it was never started. */
  readonly dataDir: string;
  /** Told by the leader alone: how far its log reaches there. */
  readonly matchIndex?: number;
}

export interface MemberList {
  readonly servedBy: string;
  /** The log of the server that was asked. Absent in the first second of its life. */
  readonly log?: {
    readonly term: number;
    readonly lastTerm: number;
    readonly lastIndex: number;
    readonly commitIndex: number;
    readonly quarantined: boolean;
  };
  readonly items: readonly MemberEntry[];
}

export function readMembers(client: ApiClient, signal?: AbortSignal): Promise<MemberList> {
  return client.json<MemberList>({ path: '/berth/v1/members', ...(signal === undefined ? {} : { signal }) });
}

export async function listMembers(client: ApiClient, terminal: Terminal): Promise<number> {
  const { items, log } = await readMembers(client);
  const rows = items.map((member) => [
    member.name,
    member.memberId,
    member.leader ? terminal.style('bold', 'leader') : member.role,
    member.zone,
    member.peerAddress,
    member.matchIndex === undefined ? '' : lagOf(member.matchIndex, log?.lastIndex ?? member.matchIndex),
    member.unreachable === undefined ? terminal.style('green', 'connected') : terminal.style('red', member.unreachable),
  ]);
  const head = ['MEMBER', 'ID', 'ROLE', 'ZONE', 'ADDRESS', 'BEHIND', 'STATE'];
  for (const line of formatTable([head, ...rows])) terminal.line(line);
  return 0;
}

function lagOf(match: number, last: number): string {
  const entries = Math.max(0, last - match);
  return entries === 0 ? '-' : `${entries} entries`;
}

/** Members are added by starting them: prints the command that does it, with a token made for it. */
export async function addMember(
  client: ApiClient,
  terminal: Terminal,
  name: string,
  ttlSeconds?: number,
): Promise<number> {
  const { items } = await readMembers(client);
  const same = items.find((member) => member.name === name);
  if (same !== undefined)
    throw new Error(`there is a member ${name} already (${same.peerAddress}): remove it first if its disk is lost`);
  const { expiresAt, token } = await createToken(client, {
    role: 'server',
    description: `member ${name}`,
    ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
  });
  const server = items.find(({ unreachable }) => unreachable === undefined) ?? items[0];
  terminal.line(`berth server --name ${name} --join https://${server?.apiAddress ?? 'SERVER:6443'} --token ${token}`);
  terminal.error(
    `To be run on the new machine before ${expiresAt}. It starts as a learner and becomes a voter when it has caught up.`,
  );
  return 0;
}

const done: Readonly<Record<MemberAction, (name: string) => string>> = {
  promote: (name) => `${name} is a voter`,
  demote: (name) => `${name} is a learner: it keeps a copy and has no vote`,
  remove: (name) => `${name} is no member any more: stop its process and delete its data directory`,
  transfer: (name) => `${name} leads`,
};

export type MemberAction = 'promote' | 'demote' | 'remove' | 'transfer';

export async function changeMember(
  client: ApiClient,
  terminal: Terminal,
  action: MemberAction,
  name: string,
): Promise<number> {
  await client.json({ method: 'POST', path: `/berth/v1/members/${encodeURIComponent(name)}/${action}` });
  terminal.line(done[action](name));
  return 0;
}
