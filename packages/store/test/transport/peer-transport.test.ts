import { emptyConfiguration, memberId } from '@berth/raft';
import { realWorld } from '@berth/world';
import { expect, test } from 'vitest';
import { encodeAddress } from '../../src/member-record.ts';
import { PeerCredentials } from '../../src/transport/peer-credentials.ts';
import { PeerTransport } from '../../src/transport/peer-transport.ts';
import { TestAuthority } from '../certificates.ts';
import { freePort } from '../free-port.ts';

/** Nothing that was put off is ever done. */
const never: Disposable = { [Symbol.dispose]: () => undefined };
const patientWorld = { ...realWorld, timers: { ...realWorld.timers, after: () => never, every: () => never } };

test('a peer that calls is called back at once, however long the next attempt was put off', async () => {
  const authority = await TestAuthority.create();
  const addresses = await Promise.all([1, 2].map(async () => `127.0.0.1:${await freePort()}`));
  const members = addresses.map((peerAddress, at) => ({
    id: memberId(at + 1),
    name: `server-${at + 1}`,
    peerAddress,
    address: encodeAddress({
      name: `server-${at + 1}`,
      apiAddress: '',
      gatewayAddress: '',
      peerAddress,
      promote: true,
    }),
  }));
  const configuration = {
    ...emptyConfiguration,
    voters: members.map(({ id }) => id),
    members: members.map(({ id, address }) => ({ id, address, preferred: false, directory: `d${id}` })),
    nextMemberId: memberId(3),
  };
  const transport = async (at: number, world: typeof realWorld, reachability: (unreachable: number) => void) => {
    const self = members[at] as (typeof members)[number];
    const made = new PeerTransport({
      world,
      credentials: new PeerCredentials(await authority.server(self.name)),
      listen: self.peerAddress,
      self: {
        protocolMin: 1,
        protocolMax: 1,
        clusterId: 'group',
        member: self.id,
        directory: `d${self.id}`,
        incarnation: 1,
      },
      address: self.address,
      reconnectMsMax: 500,
      configuration: () => configuration,
      wasRemoved: () => false,
      expelled: () => undefined,
      loopLagMs: () => 0,
      message: () => undefined,
      peerDown: () => undefined,
      reachability: (peers) => reachability(peers.size),
      administer: () => Promise.reject(new Error('nobody asks')),
    });
    await made.listen();
    return made;
  };

  const lost = Promise.withResolvers<void>();
  const found = Promise.withResolvers<void>();
  const patient = await transport(0, patientWorld, (unreachable) => (unreachable > 0 ? lost : found).resolve());
  patient.follow(configuration);
  await lost.promise;
  const late = await transport(1, realWorld, () => undefined);
  late.follow(configuration);
  await expect(found.promise).resolves.toBeUndefined();
  patient.close();
  late.close();
});
