import { rm, statfs, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { realWorld } from '@berth/world';
import {
  type EmbeddedStore,
  type EmbeddedStoreOptions,
  openEmbeddedStore,
  prefixRange,
  StoreError,
} from '../../src/index.ts';

/** What a test asks of a member that runs as a process of its own. */
export type MemberRequest =
  | { readonly kind: 'put'; readonly key: string; readonly value: string }
  /** Answered with the key's value and mod revision, and the revision of the whole. */
  | { readonly kind: 'read'; readonly key: string }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'list'; readonly prefix: string }
  | { readonly kind: 'add'; readonly member: Parameters<EmbeddedStore['members']['add']>[0] }
  /** Writes a file that leaves only this much of the disk it is on; undefined removes it. */
  | { readonly kind: 'fill'; readonly file: string; readonly leftBytes: number | undefined }
  | { readonly kind: 'leads' }
  | { readonly kind: 'voters' }
  /** Answered with the term. */
  | { readonly kind: 'term' }
  /** How often it has handed over because it lagged. */
  | { readonly kind: 'lag-abdications' };

export interface ReadAnswer {
  readonly revision: number;
  readonly value: string | undefined;
  readonly modRevision: number;
}

export type MemberAnswer =
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

// The program of `MemberProcess`: a store behind the channel to its parent, to be killed at any moment.
if (process.argv[2] === 'serve' && process.send !== undefined) await serve(JSON.parse(process.argv[3] ?? ''));

async function serve(options: Omit<EmbeddedStoreOptions, 'world'>): Promise<void> {
  const store = await openEmbeddedStore({ ...options, world: realWorld });
  process.on('message', async ({ id, request }: { id: number; request: MemberRequest }) => {
    process.send?.({ id, answer: await answer(store, request) });
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.({ id: 0, answer: { kind: 'done', value: store.storage } });
}

async function answer(store: EmbeddedStore, request: MemberRequest): Promise<MemberAnswer> {
  try {
    return { kind: 'done', value: await carryOut(store, request) };
  } catch (error) {
    const { message } = error as Error;
    return { kind: 'failed', code: error instanceof StoreError ? error.code : 'error', message };
  }
}

async function carryOut(store: EmbeddedStore, request: MemberRequest): Promise<unknown> {
  switch (request.kind) {
    case 'put': {
      const put = { kind: 'put', key: request.key, value: Buffer.from(request.value) } as const;
      return (await store.txn({ compare: [], success: [put] })).revision;
    }
    case 'delete':
      return (await store.txn({ compare: [], success: [{ kind: 'delete', from: request.key }] })).revision;
    case 'read': {
      const { revision, kvs } = await store.range({ from: request.key, consistency: { kind: 'linearizable' } });
      const [kv] = kvs;
      const value = kv === undefined ? undefined : Buffer.from(kv.value).toString();
      return { revision, value, modRevision: kv?.modRevision ?? 0 } satisfies ReadAnswer;
    }
    case 'list': {
      const range = { ...prefixRange(request.prefix), consistency: { kind: 'linearizable' } as const };
      return (await store.range(range)).kvs.map((kv) => [kv.key, Buffer.from(kv.value).toString(), kv.version]);
    }
    case 'add':
      return await store.members.add(request.member);
    case 'fill':
      return await fill(request.file, request.leftBytes);
    case 'leads':
      return store.status().leadership.kind;
    case 'term':
      return store.metrics().core?.status.term;
    case 'lag-abdications':
      return store.metrics().core?.lagAbdications;
    case 'voters':
      return store.status().members.filter(({ role }) => role === 'voter').length;
  }
}

async function fill(file: string, leftBytes: number | undefined): Promise<void> {
  await rm(file, { force: true });
  if (leftBytes === undefined) return;
  const { bavail, bsize } = await statfs(dirname(file));
  await writeFile(file, Buffer.alloc(Math.max(0, bavail * bsize - leftBytes)));
}
