import { realWorld } from '@berth/world';
import { openEtcdStore, type Store } from '../../src/index.ts';
import { startEtcd } from '../etcd-server.ts';
import { storeContract } from './contract.ts';

function openAt(endpoint: string, name: string): Promise<Store> {
  const addresses = { apiAddress: `${name}:6443`, gatewayAddress: `${name}:6444`, peerAddress: '' };
  const member = { memberId: realWorld.random.uuid(), name, ...addresses };
  return openEtcdStore({ world: realWorld, endpoints: [endpoint], member });
}

storeContract('etcd, seen from two servers', async () => {
  const server = await startEtcd();
  const first = await openAt(server.endpoint, 'server-1');
  const second = await openAt(server.endpoint, 'server-2');
  return {
    stores: [first, second],
    async close() {
      await Promise.all([first[Symbol.asyncDispose](), second[Symbol.asyncDispose]()]);
      await server[Symbol.asyncDispose]();
    },
  };
});
