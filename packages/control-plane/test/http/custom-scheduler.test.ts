import { expect, test } from 'vitest';
import { type Call, connect, schedule } from '../../../../examples/custom-scheduler/scheduler.ts';
import type { ServerFixture } from './server-fixture.ts';
import { openTlsServer } from './tls-server.ts';

const pods = '/api/v1/namespaces/default/pods';

async function addNode(server: ServerFixture, name: string, cpu: string): Promise<void> {
  await server.call('POST', '/api/v1/nodes', { metadata: { name } });
  const status = { allocatable: { cpu, memory: '8Gi', pods: '110' } };
  await server.call('PATCH', `/api/v1/nodes/${name}/status`, { status }, mergePatch);
}

const mergePatch = { 'content-type': 'application/merge-patch+json' };

async function addPod(server: ServerFixture, name: string, cpu: string, schedulerName: string): Promise<void> {
  const containers = [{ name: 'main', image: 'web', resources: { requests: { cpu } } }];
  await server.call('POST', pods, { metadata: { name }, spec: { schedulerName, containers } });
}

async function placesOf(server: ServerFixture): Promise<Readonly<Record<string, string | undefined>>> {
  const { json } = await server.call('GET', pods);
  type Item = { readonly metadata: { readonly name: string }; readonly spec: { readonly nodeName?: string } };
  return Object.fromEntries(
    (json.items as readonly Item[]).map(({ metadata, spec }) => [metadata.name, spec.nodeName]),
  );
}

test('it places the pods that name it where most is left, and no others', async () => {
  await using fixture = await openTlsServer();
  const { server } = fixture;
  await addNode(server, 'large', '4');
  await addNode(server, 'small', '2');
  await addPod(server, 'a', '3', 'most-room');
  await addPod(server, 'b', '1500m', 'most-room');
  await addPod(server, 'c', '1', 'default-scheduler');
  await addPod(server, 'd', '2', 'most-room');
  const call = connect(fixture.kubeconfig);
  expect(await schedule(call, 'most-room')).toEqual(['default/a large', 'default/b small']);
  expect(await placesOf(server)).toEqual({ a: 'large', b: 'small', c: undefined, d: undefined });
});

test('a pod is bound once: who comes second is refused, looks again, and oversells nothing', async () => {
  await using fixture = await openTlsServer();
  const { server } = fixture;
  await addNode(server, 'n1', '2');
  await addNode(server, 'n2', '2');
  for (const name of ['p1', 'p2', 'p3', 'p4', 'p5']) await addPod(server, name, '1', 'most-room');
  const call = connect(fixture.kubeconfig);
  const refusals: number[] = [];
  // The rival decides on the same view, and its bindings arrive before those of the first.
  const overtaken: Call = async (method, path, body) => {
    if (method === 'POST') await schedule(call, 'most-room');
    const answer = await call(method, path, body);
    if (method === 'POST') refusals.push(answer.code);
    return answer;
  };
  expect(await schedule(overtaken, 'most-room')).toEqual([]);
  expect(refusals).toEqual([409]);
  expect(await schedule(call, 'most-room')).toEqual([]);
  const places = Object.values(await placesOf(server));
  const onNode = (name: string): number => places.filter((place) => place === name).length;
  expect([onNode('n1'), onNode('n2'), places.length]).toEqual([2, 2, 5]);
});

test('a pod of the same name that came meanwhile is not bound by mistake', async () => {
  await using fixture = await openTlsServer();
  const { server } = fixture;
  await addNode(server, 'n1', '2');
  await addPod(server, 'p1', '1', 'most-room');
  const call = connect(fixture.kubeconfig);
  const replaced: Call = async (method, path, body) => {
    if (method === 'POST') {
      await server.call('DELETE', `${pods}/p1`, { gracePeriodSeconds: 0 });
      await addPod(server, 'p1', '1', 'somebody-else');
    }
    return call(method, path, body);
  };
  expect(await schedule(replaced, 'most-room')).toEqual([]);
  expect(await placesOf(server)).toEqual({ p1: undefined });
});
