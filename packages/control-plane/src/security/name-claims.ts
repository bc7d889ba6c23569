import type { Compare, KeyValue, Store } from '@berth/store';
import type { World } from '@berth/world';

/**
 * Which key may use which name. Stops a second machine with a valid token from taking over the name of a node that is
 * merely away, and lets a name be given anew once its owner is gone for good.
 */
interface NameClaim {
  /** Hashes of public keys, newest first: after a renewal the key before is good until its certificate ends. */
  readonly keys: readonly string[];
  /** Of the last join under this name, in milliseconds since the Unix epoch. */
  readonly joinedMs: number;
}

export type ClaimKind = 'node' | 'server';

type ClaimOutcome = 'claimed' | 'taken';

/** A machine has so long from joining to showing up before others may have its name. */
const claimGraceMs = 10 * 60_000;

const keysMax = 2;

export interface NameClaims {
  /** For a joining machine. `isPresent` tells whether the name is in use (its Node object or member exists). */
  claim(kind: ClaimKind, name: string, key: string, isPresent: () => Promise<boolean>): Promise<ClaimOutcome>;
  /** Whether `key` may act under this name. A name without a claim (restored from an older snapshot) is anybody's who is certified for it. */
  holds(kind: ClaimKind, name: string, key: string): Promise<boolean>;
  /** For a renewing machine: `next` joins `key`. False when `key` does not hold the name. */
  extend(kind: ClaimKind, name: string, key: string, next: string): Promise<boolean>;
}

/** All methods reject with a `StoreError` when the store cannot answer. */
export function nameClaims(store: Store, world: World): NameClaims {
  return {
    async claim(kind, name, key, isPresent) {
      const joinedMs = world.clock.wallMs();
      return await decide(store, claimKey(kind, name), 'name:claim', async (current) => {
        if (current === undefined) return { outcome: 'claimed', next: { keys: [key], joinedMs } };
        // The answer to an earlier, identical request was lost.
        if (current.keys.includes(key)) return { outcome: 'claimed' };
        const isFresh = joinedMs - current.joinedMs < claimGraceMs;
        if (isFresh || (await isPresent())) return { outcome: 'taken' };
        return { outcome: 'claimed', next: { keys: [key], joinedMs } };
      });
    },
    async holds(kind, name, key) {
      const { kvs } = await store.range({ from: claimKey(kind, name), consistency: { kind: 'local' } });
      return kvs[0] === undefined || parse(kvs[0]).keys.includes(key);
    },
    async extend(kind, name, key, next) {
      return await decide<boolean>(store, claimKey(kind, name), 'name:renew', async (current) => {
        if (current === undefined)
          return { outcome: true, next: { keys: [...new Set([next, key])], joinedMs: world.clock.wallMs() } };
        if (!current.keys.includes(key)) return { outcome: false };
        if (current.keys[0] === next) return { outcome: true };
        const keys = [...new Set([next, key, ...current.keys])].slice(0, keysMax);
        return { outcome: true, next: { ...current, keys } };
      });
    },
  };
}

interface Decision<Outcome> {
  readonly outcome: Outcome;
  /** Written on condition that nobody else wrote meanwhile. */
  readonly next?: NameClaim;
}

const attemptsMax = 5;

async function decide<Outcome>(
  store: Store,
  key: string,
  cause: string,
  decision: (current: NameClaim | undefined) => Promise<Decision<Outcome>>,
): Promise<Outcome> {
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const { kvs } = await store.range({ from: key, consistency: { kind: 'linearizable' } });
    const { outcome, next } = await decision(kvs[0] === undefined ? undefined : parse(kvs[0]));
    if (next === undefined) return outcome;
    const unchanged: Compare =
      kvs[0] === undefined
        ? { key, target: 'version', is: '=', version: 0 }
        : { key, target: 'mod', is: '=', revision: kvs[0].modRevision };
    const value = Buffer.from(JSON.stringify(next));
    const response = await store.txn({ compare: [unchanged], success: [{ kind: 'put', key, value }], cause });
    if (response.succeeded) return outcome;
  }
  throw new Error(`${key} was changed by others ${attemptsMax} times in a row`);
}

function claimKey(kind: ClaimKind, name: string): string {
  return `/berth/names/${kind}/${name}`;
}

function parse(kv: KeyValue): NameClaim {
  return JSON.parse(Buffer.from(kv.value).toString()) as NameClaim;
}
