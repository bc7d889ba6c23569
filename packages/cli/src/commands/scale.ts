import type { ApiClient } from '../client/api-client.ts';
import { discover, pathOf, resolveResources } from '../client/resources.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `berth scale deployment/web --replicas 5`. */
export async function scale(
  client: ApiClient,
  terminal: Terminal,
  target: string,
  replicas: number,
  namespace: string | undefined,
): Promise<number> {
  const [type, name] = target.split('/');
  if (type === undefined || name === undefined) throw new Error(`name what to scale as TYPE/NAME, got "${target}"`);
  const [resource] = resolveResources(await discover(client), type);
  if (resource === undefined) return 1;
  await client.json({
    method: 'PATCH',
    path: `${pathOf(resource, namespace ?? client.namespace, name)}/scale`,
    contentType: 'application/merge-patch+json',
    body: { spec: { replicas } },
  });
  terminal.line(`${resource.singular}/${name} scaled to ${replicas}`);
  return 0;
}
