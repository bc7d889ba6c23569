import { execFileSync } from 'node:child_process';
import { createReadStream, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';

/**
 * The file system of an image that can run Node programs, as a tar stream: the pinned Node binary, the libraries that it is linked
 * with, and the given application below /app. Made of files of this machine only, since no registry can be assumed.
 */
export function nodeImageTar(application: Readonly<Record<string, string>>): Readable {
  const archive = pack();
  void fill(archive, application).catch((error: unknown) => archive.destroy(error as Error));
  return Readable.from(archive as AsyncIterable<Buffer>);
}

async function fill(archive: ReturnType<typeof pack>, application: Readonly<Record<string, string>>): Promise<void> {
  for (const directory of ['app', 'bin', 'etc', 'tmp']) {
    archive.entry({ name: `${directory}/`, type: 'directory', mode: directory === 'tmp' ? 0o1777 : 0o755 });
  }
  archive.entry({ name: 'etc/passwd' }, 'root:x:0:0:root:/:/bin/node\nnobody:x:65534:65534:nobody:/:/bin/node\n');
  for (const [name, content] of Object.entries(application)) archive.entry({ name: `app/${name}` }, content);
  for (const library of linkedLibraries(process.execPath)) {
    await addFile(archive, library, library.slice(1));
  }
  await addFile(archive, process.execPath, 'bin/node');
  archive.finalize();
}

async function addFile(archive: ReturnType<typeof pack>, path: string, name: string): Promise<void> {
  const real = realpathSync(path);
  const entry = archive.entry({ name, size: statSync(real).size, mode: 0o755 });
  await pipeline(createReadStream(real, { highWaterMark: 1 << 20 }), entry);
}

/** Absolute paths as the loader will look for them, the loader itself among them. */
function linkedLibraries(program: string): readonly string[] {
  const listing = execFileSync('ldd', [program], { encoding: 'utf8' });
  const paths = [...listing.matchAll(/(?:=>\s*)?(\/\S+)\s+\(0x/g)].map((match) => match[1] ?? '');
  if (!paths.some((path) => basename(path).startsWith('libc.'))) {
    throw new Error(`ldd named no C library for ${program}; it said:\n${listing}`);
  }
  return [...new Set(paths)];
}

/** A file that lies beside this one and travels with the demo. */
export function demoFile(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}
