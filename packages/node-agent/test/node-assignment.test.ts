import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Node, Pod } from '@berth/api';
import type { agentV1 } from '@berth/wire';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigStore } from '../src/container/config-store.ts';
import { silentLog } from '../src/logging/log.ts';
import { Checkpoint } from '../src/session/checkpoint.ts';
import { NodeAssignment } from '../src/session/node-assignment.ts';
import type { ServerWord } from '../src/session/server-session.ts';
import { aPod, FakeNode } from './support/fake-node.ts';
import { json } from './support/scripted-server.ts';

let folder: string;
const checkpoints: Checkpoint[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-assignment-'));
});
afterEach(async () => {
  await Promise.all(checkpoints.splice(0).map((checkpoint) => checkpoint.idle()));
  rmSync(folder, { recursive: true, force: true });
});

interface Heard {
  readonly nodes: Node[];
  readonly tables: agentV1.NetworkTable[];
  readonly synced: string[][];
}

function assignmentFor(node: FakeNode, config: ConfigStore = new ConfigStore()) {
  const heard: Heard = { nodes: [], tables: [], synced: [] };
  const checkpoint = new Checkpoint(folder);
  checkpoints.push(checkpoint);
  const assignment = new NodeAssignment({
    keeper: node.keeper,
    config,
    checkpoint,
    log: silentLog,
    onSynced: (uids) => heard.synced.push([...uids]),
    onNode: (object) => heard.nodes.push(object),
    onNetwork: (table) => heard.tables.push(table),
    leftovers: async () => [],
  });
  return { assignment, config, heard };
}

const say = {
  pod: (pod: Pod): ServerWord => ({ $case: 'pod', value: { pod: json(pod) } }),
  gone: (uid: string): ServerWord => ({ $case: 'podGone', value: { uid } }),
  config: (name: string, value: string): ServerWord => ({
    $case: 'config',
    value: {
      kind: 'ConfigMap',
      object: json({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { value } }),
    },
  }),
  synced: { $case: 'synced', value: { revision: 1 } } as const,
};

const first = aPod({}, { name: 'first', uid: 'u1' });
const second = aPod({}, { name: 'second', uid: 'u2' });

test('pods run as soon as they are named; what is not named is ended once all have been', async () => {
  await using node = new FakeNode();
  await node.boot();
  const { assignment, heard } = assignmentFor(node);
  assignment.begin();
  for (const pod of [first, second]) assignment.take(say.pod(pod));
  assignment.take(say.synced);
  await node.world.advance(10);
  expect([node.status('first').phase, node.status('second').phase]).toEqual(['Running', 'Running']);
  // Another server, another session: it names only one of them.
  assignment.begin();
  assignment.take(say.pod(second));
  await node.world.advance(60_000);
  expect(node.gone).toEqual([]);
  assignment.take(say.synced);
  await node.world.advance(2000);
  expect(node.gone).toEqual(['u1']);
  expect(heard.synced).toEqual([['u1', 'u2'], ['u2']]);
});

test('a pod whose object is gone is ended at once', async () => {
  await using node = new FakeNode();
  await node.boot();
  const { assignment } = assignmentFor(node);
  assignment.begin();
  assignment.take(say.pod(first));
  await node.world.advance(10);
  assignment.take(say.gone('u1'));
  await node.world.advance(2000);
  expect(node.gone).toEqual(['u1']);
});

test('objects that pods refer to come, change and go', async () => {
  await using node = new FakeNode();
  await node.boot();
  const { assignment, config } = assignmentFor(node);
  const value = () => config.get('ConfigMap', 'default', 'settings')?.data?.['value'];
  assignment.begin();
  assignment.take(say.config('settings', 'one'));
  expect(value()).toBe('one');
  assignment.take(say.config('settings', 'two'));
  expect(value()).toBe('two');
  assignment.take({ $case: 'configGone', value: { kind: 'ConfigMap', namespace: 'default', name: 'settings' } });
  expect(value()).toBeUndefined();
  assignment.take(say.config('settings', 'three'));
  assignment.begin();
  assignment.take(say.synced);
  await node.world.advance(10);
  expect(value()).toBeUndefined();
});

test('a message that cannot be understood is passed over', async () => {
  await using node = new FakeNode();
  await node.boot();
  const { assignment } = assignmentFor(node);
  assignment.begin();
  assignment.take({ $case: 'pod', value: { pod: Buffer.from('no json') } });
  assignment.take(say.pod(first));
  await node.world.advance(10);
  expect(node.status('first').phase).toBe('Running');
});

test('what was said is kept for an agent that starts alone, for its eyes only, and forgotten when it is no longer so', async () => {
  await using node = new FakeNode();
  await node.boot();
  const told = assignmentFor(node).assignment;
  const table: agentV1.NetworkTable = { version: 7, services: [], routes: [] };
  told.begin();
  told.take({
    $case: 'node',
    value: {
      node: json({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: { podCIDR: '10.244.1.0/24' } }),
    },
  });
  told.take(say.config('settings', 'one'));
  for (const pod of [first, second]) told.take(say.pod(pod));
  told.take({ $case: 'network', value: table });
  told.take(say.gone('u2'));
  const kept = join(folder, 'assigned');
  const names = () =>
    ['pods', 'config', 'node', 'network'].flatMap((kind) => {
      try {
        return readdirSync(join(kept, kind)).filter((name) => !name.endsWith('.new'));
      } catch {
        return [];
      }
    });
  while (names().length !== 4 || names().includes('u2')) await new Promise((resolve) => setImmediate(resolve));
  expect(statSync(join(kept, 'config', names()[1] ?? '')).mode & 0o777).toBe(0o600);

  await using later = new FakeNode();
  await later.boot();
  const { assignment, config, heard } = assignmentFor(later);
  await assignment.restore();
  await later.world.advance(10);
  expect(later.status('first').phase).toBe('Running');
  expect(later.status('second').phase).toBeUndefined();
  expect(config.get('ConfigMap', 'default', 'settings')?.data).toEqual({ value: 'one' });
  expect(heard.nodes.map(({ spec }) => spec.podCIDR)).toEqual(['10.244.1.0/24']);
  expect(heard.tables).toEqual([table]);
});
