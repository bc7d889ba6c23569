import { createHash } from 'node:crypto';
import { pack } from 'tar-stream';
import type { Engine } from '../engine/engine.ts';
import { type Architecture, sandboxProgram } from './sandbox-program.ts';

const programPath = 'sandbox';

/** The image's name in the engine: its tag is the hash of the program, so that another program is another image. */
function sandboxImageReference(architecture: Architecture): string {
  const hash = createHash('sha256').update(sandboxProgram(architecture)).digest('hex');
  return `berth.dev/sandbox:${hash.slice(0, 16)}`;
}

/** Makes sure the engine has the sandbox image, from nothing but this program's own text. Answers its reference. */
export async function ensureSandboxImage(engine: Engine, architecture: Architecture): Promise<string> {
  const reference = sandboxImageReference(architecture);
  if ((await engine.inspectImage(reference)) === undefined) {
    const content = { entrypoint: [`/${programPath}`], purpose: 'sandbox' };
    await engine.importImage(await archiveOf(sandboxProgram(architecture)), reference, content);
  }
  return reference;
}

async function archiveOf(program: Uint8Array): Promise<Uint8Array> {
  const archive = pack();
  archive.entry({ name: programPath, mode: 0o755, mtime: new Date(0) }, Buffer.from(program));
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
