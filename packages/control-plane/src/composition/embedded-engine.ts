import { dataDirectoryId, type EmbeddedStore, type EmbeddedStoreOptions, openEmbeddedStore } from '@berth/store';
import type { World } from '@berth/world';
import { hostAndPort } from '../cluster/server-list.ts';
import { embeddedStoreMetrics } from '../metrics/embedded-store-metrics.ts';
import type { TlsMaterial } from '../security/server-certificate.ts';
import type { ServerGround } from './server-ground.ts';
import type { ServerHome } from './server-home.ts';
import { type ServerStore, storeFolder } from './server-store.ts';

/** Longer than that nobody waits at shutdown for another server to take over. */
const abdicationMs = 2_000;

/** The store inside this server: a member of the cluster's consensus group. */
export async function openEmbeddedEngine(ground: ServerGround): Promise<ServerStore> {
  const { addresses, certificate, home, log, metrics, options, world } = ground;
  const { electionMs, heartbeatMs, tickMs } = options.timings;
  const found = home.hasStore ? undefined : foundingOf(home);
  const store = await openEmbeddedStore({
    world,
    dataDirectory: storeFolder(options.dataDir),
    member: addresses,
    listen: hostAndPort(options.peerListen.host, options.peerListen.port),
    tls: peerTls(certificate.current),
    ...(found === undefined ? {} : { found }),
    timings: {
      ...(tickMs === undefined ? {} : { tickMs }),
      ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
      ...(electionMs === undefined ? {} : { electionMs }),
    },
    onRemoved: (reason) => log.warn({ reason }, 'this server is no member of the cluster any more'),
    onNotice: (notice) => log.debug({ notice }, 'consensus'),
    onDamage: (damage) => log.error({ damage }, 'a file of the store is damaged: it is made good at the next start'),
    onFatal(reason) {
      log.fatal({ reason }, 'the store can promise nothing more: this server ends now');
      process.abort();
    },
  });
  await home.noteStore();
  log.info({ memberId: store.memberId, storage: store.storage }, 'store opened');
  embeddedStoreMetrics(metrics, store);
  const following = certificate.onChange((material) => store.replaceCredentials(peerTls(material)));
  return {
    store,
    memberId: store.memberId,
    group: store,
    async addMember(name, { alternativeNames: _names, directoryId: directory, ...at }) {
      const { memberId, groupId } = await store.members.add({ name, directory, ...at });
      return { memberId, groupId };
    },
    async abdicate() {
      following[Symbol.dispose]();
      await abdicate(store, world);
    },
  };
}

/** The UUID of the directory of a store that is to be added to a cluster; made with the directory. */
export function storeDirectoryId(dataDir: string, world: World): Promise<string> {
  return dataDirectoryId(storeFolder(dataDir), world.random);
}

/**
 * How an empty store folder comes to life. Only at the first start: a folder that was emptied later must not become a second
 * cluster of the same name.
 */
function foundingOf({ clusterId, membership, origin }: ServerHome): EmbeddedStoreOptions['found'] {
  if (origin === 'founded') return { kind: 'bootstrap' };
  if (clusterId === undefined || membership === undefined)
    throw new Error('this server joined a cluster that keeps its state in etcd: start it with --store etcd://...');
  return { kind: 'join', admission: { clusterId, ...membership } };
}

/** A leader that goes hands over, so that nobody has to wait for an election. */
async function abdicate(store: EmbeddedStore, world: World): Promise<void> {
  if (store.status().leadership.kind !== 'leader') return;
  const heir = store.members
    .list()
    .find(
      ({ memberId, role, unreachable }) => role === 'voter' && memberId !== store.memberId && unreachable === undefined,
    );
  if (heir === undefined) return;
  const handedOver = new AbortController();
  const transfer = store.members.transfer(heir.memberId).catch(() => undefined);
  await Promise.race([transfer, world.timers.sleep(abdicationMs, handedOver.signal).catch(() => undefined)]);
  handedOver.abort();
}

function peerTls({ caCertificate: ca, certificate: cert, privateKey: key }: TlsMaterial): EmbeddedStoreOptions['tls'] {
  return { ca, cert, key };
}
