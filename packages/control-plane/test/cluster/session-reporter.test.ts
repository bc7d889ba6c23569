import type { Leadership, MemberAddress } from '@berth/store';
import { realWorld } from '@berth/world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SessionDirectory } from '../../src/cluster/session-directory.ts';
import { startSessionReporter } from '../../src/cluster/session-reporter.ts';
import { type GatewayBench, openGatewayBench } from '../gateway/gateway-bench.ts';

let leader: GatewayBench;
let follower: GatewayBench;
let reporters: Disposable[];
beforeEach(async () => {
  leader = await openGatewayBench({ name: 's1' });
  follower = await openGatewayBench({ name: 's2', authority: leader.authority });
  follower.store.elect({ follow: memberOf(leader) });
  reporters = [report(leader, 's1'), report(follower, 's2')];
});
afterEach(async () => {
  for (const reporter of reporters) reporter[Symbol.dispose]();
  await follower[Symbol.asyncDispose]();
  await leader[Symbol.asyncDispose]();
});

function report(bench: GatewayBench, serverName: string): Disposable {
  const { clients, directory, gateway, store } = bench;
  return startSessionReporter({ store, gateway, directory, clients, world: realWorld, serverName });
}

function memberOf({ address }: GatewayBench): MemberAddress {
  return { memberId: '1', name: 's1', apiAddress: '', gatewayAddress: address, peerAddress: '' };
}

function known(directory: SessionDirectory, nodeName: string, connected: boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = (): void => (directory.get(nodeName)?.connected === connected ? resolve() : undefined);
  const listening = directory.onChange(look);
  look();
  return promise.finally(() => listening[Symbol.dispose]());
}

test('the leader knows of agents on every server, at once', async () => {
  for (const [bench, name] of [
    [leader, 'n1'],
    [follower, 'n2'],
  ] as const) {
    const agent = await bench.agent(name);
    agent.hello();
    await known(leader.directory, name, true);
    agent.leave();
    await known(leader.directory, name, false);
  }
});

test('a new leader learns of the sessions that were there before it', async () => {
  const agent = await follower.agent('n2');
  agent.hello();
  await known(leader.directory, 'n2', true);
  leader.store.elect({ leaderless: 'election' });
  follower.store.elect({ leaderless: 'election' });
  expect(leader.directory.get('n2')).toBeUndefined();
  leader.store.elect('lead');
  follower.store.elect({ follow: memberOf(leader) });
  await known(leader.directory, 'n2', true);
});

test('a leader that was not one yet when it was asked is asked again', async () => {
  leader.store.elect({ leaderless: 'election' });
  follower.store.elect({ follow: memberOf(leader) });
  const agent = await follower.agent('n2');
  agent.hello();
  await agent.next('synced').catch(() => undefined);
  leader.store.elect('lead');
  await known(leader.directory, 'n2', true);
});

test('with a server that is gone its agents are gone', async () => {
  const agent = await follower.agent('n2');
  agent.hello();
  await known(leader.directory, 'n2', true);
  for (const reporter of reporters) reporter[Symbol.dispose]();
  await known(leader.directory, 'n2', false);
});

test('a leader that is told again that it leads forgets nobody', async () => {
  const agent = await follower.agent('n2');
  agent.hello();
  await known(leader.directory, 'n2', true);
  const told: ((leadership: Leadership) => void)[] = [];
  const reign: Leadership = { kind: 'leader', fence: { token: 'reign 1' } };
  const store = {
    onLeadership(listener: (leadership: Leadership) => void) {
      told.push(listener);
      listener(reign);
      return { [Symbol.dispose]: () => undefined };
    },
  };
  const { clients, directory, gateway } = follower;
  using _reporter = startSessionReporter({ store, gateway, directory, clients, world: realWorld, serverName: 's2' });
  const before = directory.get('n2');
  expect(before?.connected).toBe(true);
  for (const listener of told) listener(reign);
  expect(directory.get('n2')).toEqual(before);
  for (const listener of told) listener({ kind: 'leader', fence: { token: 'reign 2' } });
  expect(directory.get('n2')?.connected).toBe(true);
});
