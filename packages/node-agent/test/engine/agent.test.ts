import { expect, test } from 'vitest';
import { startAgent } from '../../src/agent.ts';
import { EngineNode, engine, untilTerminated } from '../support/engine-node.ts';

const timeout = 60_000;

async function get(port: number | undefined, path: string): Promise<{ readonly code: number; readonly text: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  return { code: answer.status, text: await answer.text() };
}

test('an agent tells about itself on a loopback port, and to its server', { timeout }, async () => {
  await using node = await EngineNode.open({
    metricsListen: '127.0.0.1:0',
    labels: { 'topology.kubernetes.io/zone': 'z1' },
    taints: [{ key: 'new', effect: 'NoSchedule' }],
    reserved: { cpu: '250m' },
  });
  const port = node.agent.metricsPort;
  expect(await get(port, '/livez')).toEqual({ code: 200, text: 'ok\n' });
  await node.server.until('the network stands', () => node.agent.notReady().length === 0);
  expect(await get(port, '/readyz')).toEqual({ code: 200, text: 'ok\n' });
  const metrics = await get(port, '/metrics');
  expect(metrics.text).toMatch(/^berth_agent_connected 1$/m);
  expect(metrics.text).toMatch(/^process_resident_memory_bytes \d/m);
  await node.run(node.pod('counted', { command: untilTerminated() }));
  await engine.signal(node.containerId('counted'), 'SIGKILL');
  await node.server.until(
    'it runs again',
    () => node.server.statusOf('counted')?.containerStatuses?.[0]?.restartCount === 1,
  );
  // Counted when the engine has answered, which may be a moment after its event has told of the start.
  while (!/^berth_agent_container_restarts_total 1$/m.test((await get(port, '/metrics')).text));
  const hello = JSON.parse(node.server.hellos[0]?.node.toString() ?? '{}');
  expect(hello.metadata.labels).toMatchObject({
    'kubernetes.io/hostname': node.name,
    'kubernetes.io/os': 'linux',
    'topology.kubernetes.io/zone': 'z1',
  });
  expect(hello.spec.taints).toEqual([{ key: 'new', effect: 'NoSchedule' }]);
  expect(hello.status.addresses).toContainEqual({ type: 'InternalIP', address: '127.0.0.1' });
  const { cpus } = await engine.info();
  expect(hello.status.capacity.cpu).toBe(String(cpus));
  expect(hello.status.allocatable.cpu).toBe(`${cpus * 1000 - 250}m`);
  expect(hello.status.nodeInfo.containerRuntimeVersion).toMatch(/^docker:\/\/\d/);
  await node.server[Symbol.asyncDispose]();
  while (node.agent.notReady().length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(await get(port, '/readyz')).toEqual({ code: 503, text: 'no server can be reached\n' });
});

test('started while no server can be reached, an agent goes on with what they said last', { timeout }, async () => {
  await using node = await EngineNode.open();
  node.server.synced();
  const pod = await node.run(node.pod('offline', { command: untilTerminated() }));
  const id = node.containerId('offline');
  await node.stop();
  await node.server[Symbol.asyncDispose]();
  await engine.signal(id, 'SIGKILL');
  const uid = pod.metadata.uid ?? '';
  {
    await using _agent = await startAgent(node.options());
    const attempts = async () => {
      const found = await engine.list({ 'berth.dev/uid': uid, 'berth.dev/container': 'web' });
      return found.filter(({ state }) => state.kind === 'running').map(({ labels }) => labels['berth.dev/attempt']);
    };
    for (let tries = 0; (await attempts()).join() !== '1'; tries += 1) {
      if (tries > 300) throw new Error('the container was not started again');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
});

test('a node that has not joined says how to', async () => {
  await using node = await EngineNode.open();
  await expect(startAgent({ ...node.options(), dataDir: `${node.folder}/other` })).rejects.toThrow(
    `node ${node.name} has not joined a cluster yet: give --server and --token (made by \`berth token create\`)`,
  );
  await expect(startAgent({ ...node.options(), name: 'other' })).rejects.toThrow(
    `belongs to node ${node.name}, not to other`,
  );
});
