import { expect, test } from 'vitest';
import { readSource } from './source-tree.ts';

const allowed: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MPL-2.0',
  'Python-2.0',
  'Unlicense',
]);

/** Old packages that name their licence in a form the lock file does not carry. */
const namedElsewhere: Readonly<Record<string, string>> = { buildcheck: 'MIT', 'cpu-features': 'MIT', ssh2: 'MIT' };

interface LockedPackage {
  readonly license?: string;
  readonly link?: boolean;
}

test('every dependency has a licence that Berth may be shipped with', () => {
  const lock = JSON.parse(readSource('package-lock.json')) as { packages: Record<string, LockedPackage> };
  const refused = Object.entries(lock.packages)
    .filter(([path, locked]) => path.startsWith('node_modules/') && locked.link !== true)
    .map(([path, locked]) => {
      const licence = locked.license ?? namedElsewhere[path.slice('node_modules/'.length)] ?? 'unknown';
      return { path, licence };
    })
    .filter(({ licence }) => !licence.split(/ OR | AND /).some((name) => allowed.has(name.replaceAll(/[()]/g, ''))))
    .map(({ path, licence }) => `${path}: ${licence}`);
  expect(refused).toEqual([]);
});
