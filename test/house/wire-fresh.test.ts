import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { root } from './source-tree.ts';

const committed = `${root}packages/wire/src/generated`;

test('packages/wire is what proto/ generates', async () => {
  await using folder = await temporaryFolder();
  // Needs protoc, which `npm test` installs.
  await promisify(execFile)(process.execPath, [`${root}scripts/generate-wire.mjs`, folder.path], { cwd: root });
  expect(await contentsOf(committed)).toEqual(await contentsOf(folder.path));
}, 60_000);

async function contentsOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => name.endsWith('.ts')).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  return Object.fromEntries(files.map((name, index) => [name, texts[index] ?? '']));
}

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'berth-wire-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
