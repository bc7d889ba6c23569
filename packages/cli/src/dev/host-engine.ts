import Docker from 'dockerode';

/** The Docker Engine of this machine, as the `docker` command would find it: DOCKER_HOST may name another Unix socket. */
export function hostEngineSocket(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const host = env['DOCKER_HOST'] ?? '';
  if (host === '') return '/var/run/docker.sock';
  if (!host.startsWith('unix://'))
    throw new Error(`the local cluster needs an engine on this machine (unix://…), DOCKER_HOST is "${host}"`);
  return host.slice('unix://'.length);
}

/** Kills, pauses or wakes every container of a node; those that are gone, or already so, are no error. */
export async function eachContainer(
  socketPath: string,
  node: string,
  action: 'kill' | 'pause' | 'unpause',
): Promise<void> {
  const engine = new Docker({ socketPath });
  const filters = { label: [`berth.dev/node=${node}`] };
  const containers = await engine.listContainers({ filters });
  await Promise.all(
    containers.map(async ({ Id, State }) => {
      const container = engine.getContainer(Id);
      // A paused container cannot be killed.
      if (action === 'kill' && State === 'paused') await container.unpause().catch(unlessSettled);
      await container[action]().catch(unlessSettled);
    }),
  );
}

/** A label of every image that Berth makes; its value says what for: `sandbox`, `demo` or `elevation`. */
export const imageLabel = 'berth.dev/image';

/** The images of a local cluster, known by label or name: one that has lost its name to a later import has only the label. */
export async function removeImages(socketPath: string, purposes: readonly string[]): Promise<void> {
  const engine = new Docker({ socketPath });
  for (const purpose of purposes) {
    const labelled = await engine.listImages({ filters: { label: [`${imageLabel}=${purpose}`] } });
    const named = await engine.listImages({ filters: { reference: [`berth.dev/${purpose}`] } });
    for (const id of new Set([...labelled, ...named].map(({ Id }) => Id))) {
      await engine.getImage(id).remove().catch(unlessSettled);
    }
  }
}

/** 404: gone. 409 and 500 (old engines): it is not in a state for this, or in use. */
function unlessSettled(error: unknown): void {
  const { statusCode } = error as { readonly statusCode?: number };
  if (statusCode === undefined || ![404, 409, 500].includes(statusCode)) throw error;
}
