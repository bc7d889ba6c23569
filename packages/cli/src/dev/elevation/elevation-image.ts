import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import Docker from 'dockerode';
import { pack } from 'tar-stream';
import { imageLabel } from '../host-engine.ts';
import { type Architecture, elevationProgram } from './elevation-program.ts';

const elevationRepository = 'berth.dev/elevate';
const programPath = 'elevate';

/** Makes sure that the engine has the image, from nothing but this program's own text; its name and tag. */
export async function ensureElevationImage(socketPath: string): Promise<string> {
  const engine = new Docker({ socketPath });
  const { Arch } = await engine.version();
  if (Arch !== 'amd64' && Arch !== 'arm64')
    throw new Error(`this engine's machine is ${Arch}; Berth knows amd64 and arm64`);
  const program = elevationProgram(Arch satisfies Architecture);
  const tag = createHash('sha256').update(program).digest('hex').slice(0, 16);
  const reference = `${elevationRepository}:${tag}`;
  const present = await engine
    .getImage(reference)
    .inspect()
    .then(
      () => true,
      () => false,
    );
  if (present) return reference;
  const archive = pack();
  archive.entry({ name: programPath, mode: 0o755, mtime: new Date(0) }, Buffer.from(program));
  archive.finalize();
  const changes = [`ENTRYPOINT ["/${programPath}"]`, `LABEL ${imageLabel}=elevation`];
  const answer = await engine.importImage(archive as unknown as string, { repo: elevationRepository, tag, changes });
  const output = await text(answer);
  if (output.includes('"error"')) throw new Error(`the engine refused an image: ${output.trim()}`);
  return reference;
}
