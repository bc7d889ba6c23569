import { expect, test } from 'vitest';
import { readSource } from './source-tree.ts';

interface Locked {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

test('the lock holds every platform package, so that `npm ci` takes it on every machine (scripts/complete-lock.mjs)', () => {
  const { packages } = JSON.parse(readSource('package-lock.json')) as { packages: Readonly<Record<string, Locked>> };
  const missing = Object.entries(packages)
    .filter(([path]) => path.startsWith('node_modules/'))
    .flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).map((name) => ({ path, name })),
    )
    .filter(({ name }) => /-(?:android|darwin|freebsd|linux|win32)/.test(name))
    .filter(
      ({ path, name }) =>
        packages[`node_modules/${name}`] === undefined && packages[`${path}/node_modules/${name}`] === undefined,
    );
  expect(missing).toEqual([]);
});
