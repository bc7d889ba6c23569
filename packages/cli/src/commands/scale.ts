import type { ApiClient } from '../client/api-client.ts';
import { discover, pathOf, qualifiedName, selectionsOf } from '../client/resources.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `berth scale deployment/web --replicas 5`, or `berth scale deployment web …`. */
export async function scale(
  client: ApiClient,
  terminal: Terminal,
  words: readonly string[],
  options: { readonly replicas: number; readonly namespace?: string },
): Promise<number> {
  const selections = selectionsOf(await discover(client), words);
  for (const { resource, names } of selections) {
    if (names.length === 0) throw new Error(`name what to scale: ${resource.singular}/NAME`);
    for (const name of names) {
      await client.json({
        method: 'PATCH',
        path: `${pathOf(resource, options.namespace ?? client.namespace, name)}/scale`,
        contentType: 'application/merge-patch+json',
        body: { spec: { replicas: options.replicas } },
      });
      terminal.line(`${qualifiedName(resource)}/${name} scaled`);
    }
  }
  return 0;
}
