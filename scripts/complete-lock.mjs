// Adds to package-lock.json the platform packages that the registry in use did not offer while the lock was written, e.g. a
// mirror without builds for other systems. Without them `npm ci` refuses the lock everywhere. `npm run lock` after adding a dependency.
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const systems = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64'];

const lock = JSON.parse(readFileSync(file, 'utf8'));
const added = [];
for (const [path, locked] of Object.entries(lock.packages)) {
  if (!path.startsWith('node_modules/')) continue;
  for (const [name, version] of Object.entries(locked.optionalDependencies ?? {})) {
    if (
      lock.packages[`node_modules/${name}`] !== undefined ||
      lock.packages[`${path}/node_modules/${name}`] !== undefined
    )
      continue;
    const words = name.split('/').at(-1).split(/[-_]/);
    const os = systems.find((each) => words.includes(each));
    if (os === undefined) continue;
    const cpu = processors.find((each) => words.includes(each));
    const libc = words.some((word) => word.startsWith('musl')) ? 'musl' : 'glibc';
    lock.packages[`node_modules/${name}`] = {
      version: version.replace(/^[~^]/, ''),
      ...(cpu === undefined ? {} : { cpu: [cpu] }),
      ...(locked.dev === true ? { dev: true } : {}),
      ...(os === 'linux' ? { libc: [libc] } : {}),
      license: locked.license,
      optional: true,
      os: [os],
    };
    added.push(name);
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, undefined, 2)}\n`);
process.stdout.write(`${added.length === 0 ? 'nothing was missing' : `added ${added.length}: ${added.join(', ')}`}\n`);
