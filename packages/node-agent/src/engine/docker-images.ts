import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { engineErrorOf } from './docker-error.ts';
import type { ImageContent, ImageRecord, RegistryCredentials } from './engine.ts';
import { EngineError, messageOf } from './engine-error.ts';
import { jsonLines } from './json-lines.ts';

/** Fetches an image; rejects with the registry's own words. */
export async function pullDockerImage(
  docker: Docker,
  reference: string,
  credentials: RegistryCredentials | undefined,
): Promise<void> {
  try {
    const progress = (await docker.createImage(authConfig(credentials), { fromImage: withTag(reference) })) as Readable;
    await drainProgress(progress);
  } catch (thrown) {
    const error = engineErrorOf(thrown, `pulling image ${reference}`);
    throw error.code === 'unreachable' ? error : new EngineError('registry', error.message, { cause: thrown });
  }
}

/** Says of an image that Berth has made it, and what for: whoever removes a cluster finds them by it, tagged or not. */
const purposeLabel = 'berth.dev/image';

export async function importDockerImage(
  docker: Docker,
  archive: Readable,
  reference: string,
  { entrypoint, purpose }: ImageContent,
): Promise<void> {
  const at = reference.lastIndexOf(':');
  const answer = (await docker.importImage(archive, {
    repo: reference.slice(0, at),
    tag: reference.slice(at + 1),
    changes: `ENTRYPOINT ${JSON.stringify(entrypoint)}\nLABEL ${purposeLabel}=${purpose}`,
  })) as Readable;
  await drainProgress(answer);
}

export async function listDockerImages(docker: Docker): Promise<readonly ImageRecord[]> {
  const images = await docker.listImages();
  return images.map((image) => ({
    id: image.Id,
    names: [...(image.RepoTags ?? []), ...(image.RepoDigests ?? [])].filter((name) => !name.includes('<none>')),
    sizeBytes: image.Size,
    user: '',
  }));
}

/** The status code of these calls is sent before the work is done: an error comes as a line of the answer. */
async function drainProgress(progress: Readable): Promise<void> {
  for await (const line of jsonLines(progress)) {
    if (typeof line === 'object' && line !== null && 'error' in line) {
      throw new EngineError('registry', messageOf(line.error));
    }
  }
}

/** Without a tag Docker would fetch every tag of the repository. */
function withTag(reference: string): string {
  if (reference.includes('@')) return reference;
  return reference.lastIndexOf(':') > reference.lastIndexOf('/') ? reference : `${reference}:latest`;
}

function authConfig(credentials: RegistryCredentials | undefined): object {
  if (credentials === undefined) return {};
  const { server: serveraddress, username, password } = credentials;
  return { serveraddress, username, password };
}
