import { type KeyValue, prefixRange, type Store } from '@berth/store';
import type { World } from '@berth/world';
import {
  createJoinToken,
  type JoinToken,
  printJoinToken,
  secretHash,
  secretMatches,
  type TokenRole,
} from './join-token.ts';

const prefix = '/berth/tokens/';

export const tokenTtlSeconds = { default: 86_400, min: 60, max: 31_536_000 } as const;
export const descriptionLengthMax = 200;

/** An expired token stays known so long, so that a late join is told the true reason. */
const keptAfterExpiryMs = 24 * 3_600_000;

/** Far more than anyone needs; a script that makes tokens in a loop must not fill the store. */
const tokensMax = 1000;

/** What is told about a token after it was made. Times in milliseconds since the Unix epoch. */
export interface TokenRecord {
  readonly id: string;
  readonly role: TokenRole;
  readonly description: string;
  readonly createdMs: number;
  readonly expiresMs: number;
}

interface StoredToken extends TokenRecord {
  /** SHA-256 of the secret. The secret itself is kept nowhere. */
  readonly secretHash: string;
}

type TokenVerdict =
  | { readonly kind: 'accepted'; readonly token: TokenRecord }
  | { readonly kind: 'refused'; readonly message: string };

export interface NewToken {
  readonly role: TokenRole;
  readonly ttlSeconds: number;
  readonly description: string;
}

/** Join tokens in the replicated store: made on one server, valid on all, gone everywhere once revoked. */
export interface TokenLedger {
  /** Undefined when there are too many tokens already. */
  create(request: NewToken): Promise<{ readonly record: TokenRecord; readonly text: string } | undefined>;
  /** Ascending by time of making. */
  list(): Promise<readonly TokenRecord[]>;
  /** False when there was none. */
  revoke(id: string): Promise<boolean>;
  verify(token: JoinToken): Promise<TokenVerdict>;
}

/** All methods reject with a `StoreError` when the store cannot answer. */
export function tokenLedger(store: Store, world: World, caHash: string): TokenLedger {
  return {
    async create(request) {
      const tokens = await readAll(store);
      await forgetLongExpired(store, world, tokens);
      if (tokens.length >= tokensMax) return undefined;
      const token = createJoinToken(world, request.role, caHash);
      const createdMs = world.clock.wallMs();
      const record: TokenRecord = {
        id: token.id,
        role: token.role,
        description: request.description,
        createdMs,
        expiresMs: createdMs + request.ttlSeconds * 1000,
      };
      const stored: StoredToken = { ...record, secretHash: secretHash(token.secret) };
      const response = await store.txn({
        compare: [{ key: prefix + token.id, target: 'version', is: '=', version: 0 }],
        success: [{ kind: 'put', key: prefix + token.id, value: Buffer.from(JSON.stringify(stored)) }],
        cause: 'token:create',
      });
      // 36^10 names: meeting a taken one means that the random source is broken.
      if (!response.succeeded) throw new Error(`the id ${token.id} of a new join token exists already`);
      return { record, text: printJoinToken(token) };
    },
    async list() {
      const tokens = await readAll(store);
      return tokens.map(withoutSecret).toSorted((a, b) => a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1));
    },
    async revoke(id) {
      const response = await store.txn({
        compare: [],
        success: [{ kind: 'delete', from: prefix + id }],
        cause: 'token:revoke',
      });
      const [deleted] = response.responses;
      return deleted?.kind === 'delete' && deleted.previous.length > 0;
    },
    async verify(token) {
      const { kvs } = await store.range({ from: prefix + token.id, consistency: { kind: 'linearizable' } });
      const stored = kvs[0] === undefined ? undefined : parse(kvs[0]);
      return judge(token, stored, world.clock.wallMs());
    },
  };
}

export function isExpired(token: TokenRecord, wallMs: number): boolean {
  return wallMs >= token.expiresMs;
}

function judge(token: JoinToken, stored: StoredToken | undefined, wallMs: number): TokenVerdict {
  if (stored === undefined)
    return {
      kind: 'refused',
      message: `join token ${token.id} is unknown: it was revoked or never made in this cluster`,
    };
  if (!secretMatches(token.secret, stored.secretHash) || stored.role !== token.role)
    return { kind: 'refused', message: `join token ${token.id} is not genuine: its role or its secret was altered` };
  if (isExpired(stored, wallMs))
    return {
      kind: 'refused',
      message: `join token ${token.id} expired at ${new Date(stored.expiresMs).toISOString()}: make a new one with "berth token create --role ${stored.role}"`,
    };
  return { kind: 'accepted', token: withoutSecret(stored) };
}

async function readAll(store: Store): Promise<readonly StoredToken[]> {
  const { kvs } = await store.range({ ...prefixRange(prefix), consistency: { kind: 'linearizable' } });
  return kvs.map(parse);
}

async function forgetLongExpired(store: Store, world: World, tokens: readonly StoredToken[]): Promise<void> {
  const limitMs = world.clock.wallMs() - keptAfterExpiryMs;
  const old = tokens.filter((token) => token.expiresMs < limitMs);
  if (old.length === 0) return;
  await store.txn({
    compare: [],
    success: old.slice(0, 100).map((token) => ({ kind: 'delete', from: prefix + token.id })),
    cause: 'token:expire',
  });
}

function parse(kv: KeyValue): StoredToken {
  return JSON.parse(Buffer.from(kv.value).toString()) as StoredToken;
}

function withoutSecret(token: StoredToken): TokenRecord {
  const { secretHash: _, ...record } = token;
  return record;
}
