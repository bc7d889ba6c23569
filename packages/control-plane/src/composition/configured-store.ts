import { readFile } from 'node:fs/promises';
import { openEtcdStore } from '@berth/store';
import type { StoreChoice } from '../server-options.ts';
import { openEmbeddedEngine } from './embedded-engine.ts';
import type { ServerGround } from './server-ground.ts';
import type { OpenServerStore, ServerStore } from './server-store.ts';

/** Opens the key space that the options name. */
export const openConfiguredStore: OpenServerStore = async (ground) => {
  const { store } = ground.options;
  return store.kind === 'etcd' ? await openEtcd(ground, store) : await openEmbeddedEngine(ground);
};

/** The members of an etcd cluster are its own affair: a server needs nothing but its address, and nothing is handed over. */
async function openEtcd(
  { addresses, world }: ServerGround,
  { endpoints, tls }: Extract<StoreChoice, { kind: 'etcd' }>,
): Promise<ServerStore> {
  const [first, ...others] = endpoints;
  if (first === undefined) throw new Error('--store: etcd needs an endpoint');
  const memberId = world.random.uuid();
  const store = await openEtcdStore({
    world,
    endpoints: [first, ...others],
    member: { memberId, ...addresses },
    ...(tls === undefined ? {} : { tls: await readTls(tls) }),
  });
  return { store, memberId, addMember: async () => undefined, abdicate: async () => undefined };
}

async function readTls(files: {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}): Promise<{ readonly ca: string; readonly cert: string; readonly key: string }> {
  const [ca, cert, key] = await Promise.all([
    readFile(files.ca, 'utf8'),
    readFile(files.certificate, 'utf8'),
    readFile(files.key, 'utf8'),
  ]);
  return { ca, cert, key };
}
