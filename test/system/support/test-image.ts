import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, run } from './command.ts';

/** Two versions of one image, made of Debian's static busybox alone, since no registry can be assumed. */
export const image = 'berth.test/system:1';
export const newerImage = 'berth.test/system:2';

const applets = [
  'cat',
  'date',
  'dd',
  'echo',
  'env',
  'hostname',
  'httpd',
  'ls',
  'mkdir',
  'nslookup',
  'rm',
  'sh',
  'sleep',
  'test',
  'touch',
  'wget',
];

/**
 * The image's own program: answers every request with the pod's name and the image's version. As the first process of a container it
 * must handle SIGTERM itself, or each stop would take the whole grace period.
 */
const webProgram = `#!/bin/sh
trap 'echo asked to stop; exit 0' TERM
mkdir -p /tmp/www
echo "$(hostname) version $VERSION" > /tmp/www/index.html
touch /tmp/www/healthz
httpd -f -p "\${PORT:-8080}" -h /tmp/www &
echo "serving version $VERSION"
wait $!
`;

/** A shell command for a container that must end at once when it is asked to. */
export function endingOnRequest(script: string): readonly string[] {
  return ['sh', '-c', `trap 'exit 0' TERM; ${script}`];
}

/** Makes the images in this machine's engine, unless they are there. */
export async function ensureTestImages(): Promise<void> {
  const present = await attempt('docker', ['image', 'inspect', image, newerImage]);
  if (present.code === 0) return;
  const folder = mkdtempSync(join(tmpdir(), 'berth-test-image-'));
  try {
    fill(join(folder, 'root'));
    await run('tar', ['--create', '--file', join(folder, 'image.tar'), '--directory', join(folder, 'root'), '.']);
    for (const name of [image, newerImage]) {
      const changes = [`ENV VERSION=${name.split(':')[1]}`, 'ENV PATH=/bin', 'CMD ["/bin/web"]'].flatMap((line) => [
        '--change',
        line,
      ]);
      await run('docker', ['import', ...changes, join(folder, 'image.tar'), name]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Hands the images on to the engines of isolated hosts. */
export async function copyTestImages(socketPaths: readonly string[]): Promise<void> {
  await ensureTestImages();
  const folder = mkdtempSync(join(tmpdir(), 'berth-test-image-'));
  const archive = join(folder, 'images.tar');
  try {
    await run('docker', ['save', '--output', archive, image, newerImage]);
    for (const path of socketPaths) await run('docker', ['--host', `unix://${path}`, 'load', '--input', archive]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function removeTestImages(): Promise<void> {
  await attempt('docker', ['image', 'rm', '--force', image, newerImage]);
}

function fill(rootFolder: string): void {
  for (const name of ['bin', 'etc', 'tmp']) mkdirSync(join(rootFolder, name), { recursive: true });
  chmodSync(join(rootFolder, 'tmp'), 0o1777);
  copyFileSync('/bin/busybox', join(rootFolder, 'bin/busybox'));
  for (const applet of applets) symlinkSync('busybox', join(rootFolder, 'bin', applet));
  writeFileSync(join(rootFolder, 'bin/web'), webProgram, { mode: 0o755 });
  writeFileSync(join(rootFolder, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n');
}
