import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ApiClient, freePorts, inMemory, startTestServer, temporaryFolder } from './running-server.ts';

const configuration = `
profiles:
  - schedulerName: apart
    strategy: spread
`;

test('a server schedules by the profiles of its file: each pod as the scheduler that it names', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'profiles.yaml');
  await writeFile(file, configuration);
  await using server = await startTestServer({
    name: 'server-1',
    dataDir: join(folder.path, 'data'),
    ports: await freePorts(3),
    flags: ['--scheduler-config', file],
    openStore: inMemory().openStore,
  });
  await server.ready();
  const client = await ApiClient.admin(server);
  const status = { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } };
  const create = async (path: string, body: object): Promise<void> => {
    const answer = await client.send(path, { method: 'POST', body });
    expect([answer.status, answer.body.message]).toEqual([201, undefined]);
  };
  for (const name of ['n1', 'n2']) await create('/api/v1/nodes', { metadata: { name }, status });
  const pods = '/api/v1/namespaces/default/pods';
  const nodeOf = async (name: string, schedulerName: string): Promise<string | undefined> => {
    const containers = [{ name: 'c', image: 'web', resources: { requests: { cpu: '1' } } }];
    await create(pods, {
      metadata: { name },
      spec: { schedulerName, containers, tolerations: [{ operator: 'Exists' }] },
    });
    const { body } = await client.until(`${pods}/${name}`, (answer) => answer.body.spec.nodeName !== undefined);
    return body.spec.nodeName;
  };
  const first = await nodeOf('first', 'default-scheduler');
  expect(await nodeOf('packed', 'default-scheduler')).toBe(first);
  expect(await nodeOf('spread', 'apart')).not.toBe(first);
});
