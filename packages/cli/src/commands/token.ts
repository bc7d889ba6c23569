import type { ApiClient } from '../client/api-client.ts';
import { formatTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface JoinToken {
  readonly id: string;
  readonly role: 'server' | 'agent';
  readonly description?: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly expired?: boolean;
}

/** Makes a join token; the answer is the only place where its secret is ever seen. */
export async function createToken(
  client: ApiClient,
  wanted: { readonly role: 'server' | 'agent'; readonly ttlSeconds?: number; readonly description?: string },
): Promise<JoinToken & { readonly token: string }> {
  return client.json({ method: 'POST', path: '/berth/v1/tokens', body: wanted });
}

export async function listTokens(client: ApiClient, terminal: Terminal): Promise<number> {
  const { items } = await client.json<{ readonly items: readonly JoinToken[] }>({ path: '/berth/v1/tokens' });
  const rows = items.map((token) => [
    token.id,
    token.role,
    token.expiresAt,
    token.expired === true ? terminal.style('yellow', 'expired') : terminal.style('green', 'valid'),
    token.description ?? '',
  ]);
  for (const line of formatTable([['ID', 'ROLE', 'EXPIRES', 'STATE', 'DESCRIPTION'], ...rows])) terminal.line(line);
  return 0;
}

export async function revokeToken(client: ApiClient, terminal: Terminal, id: string): Promise<number> {
  await client.json({ method: 'DELETE', path: `/berth/v1/tokens/${encodeURIComponent(id)}` });
  terminal.line(`token ${id} revoked: nobody can join with it any more; whoever has joined stays`);
  return 0;
}
