import { type Configuration, foundingConfiguration, memberId } from '@berth/raft';
import { realWorld } from '@berth/world';
import { expect, test } from 'vitest';
import { encodeAddress } from '../../src/member-record.ts';
import { PeerCredentials } from '../../src/transport/peer-credentials.ts';
import { PeerTransport } from '../../src/transport/peer-transport.ts';
import { TestAuthority } from '../certificates.ts';
import { until } from '../embedded-cluster.ts';
import { freePort } from '../free-port.ts';

test('a member that missed the news of its removal is told so when it calls again, and then calls no more', async () => {
  const authority = await TestAuthority.create();
  const addresses = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const configuration = foundingConfiguration(addresses.map((peerAddress, at) => memberAt(at + 1, peerAddress)));
  const removed = new Set<number>();
  const told: string[] = [];
  const reached = new Set<number>();
  const open = async (id: number): Promise<PeerTransport> => {
    const address = memberAt(id, addresses[id - 1] as string).address;
    const transport = new PeerTransport({
      world: realWorld,
      credentials: new PeerCredentials(await authority.server(`server-${id}`)),
      listen: addresses[id - 1] as string,
      self: {
        clusterId: 'c',
        member: memberId(id),
        directory: `d${id}`,
        incarnation: 1,
        protocolMin: 1,
        protocolMax: 1,
      },
      address,
      reconnectMsMax: 100,
      configuration: (): Configuration => configuration,
      wasRemoved: (other) => id === 1 && removed.has(other),
      expelled: (reason) => told.push(reason),
      loopLagMs: () => 0,
      message: () => undefined,
      peerDown: () => undefined,
      reachability: (unreachable) => (unreachable.size === 0 ? reached.add(id) : reached.delete(id)),
      administer: async () => ({ refusalReason: 'invalid', refusalMessage: '', member: 0 }),
    });
    await transport.listen();
    transport.follow(configuration);
    return transport;
  };
  const [first, second] = [await open(1), await open(2)];
  try {
    await until(() => reached.has(1) && reached.has(2));
    removed.add(2);
    first.dismissRemoved();
    expect(told).toEqual([]);
    first.dismissRemoved();
    await until(() => told.length === 3);
    expect(new Set(told)).toEqual(new Set(['member 2 was removed from the cluster']));
  } finally {
    first.close();
    second.close();
  }
});

function memberAt(id: number, peerAddress: string): Configuration['members'][number] {
  const address = encodeAddress({
    name: `server-${id}`,
    apiAddress: '',
    gatewayAddress: '',
    peerAddress,
    promote: true,
  });
  return { id: memberId(id), directory: `d${id}`, address, preferred: false };
}
