import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { mutants } from '../src/mutants/mutant-table.ts';

const packages = join(import.meta.dirname, '../..');
const run = promisify(execFile);

test('there are 32 mutants, numbered', () => {
  expect(mutants.map(({ id }) => id)).toEqual(Array.from({ length: 32 }, (_, i) => `M${i + 1}`));
});

test.each(mutants.map((mutant) => [mutant.id, mutant] as const))(
  '%s still finds the line it spoils',
  (_id, { patches }) => {
    for (const { file, find, replace } of patches) {
      const source = readFileSync(join(packages, file), 'utf8');
      expect(source.split(find), `${file}: ${find}`).toHaveLength(2);
      expect(replace).not.toBe(find);
    }
  },
);

test('planted bugs are caught, and the report says by what', async () => {
  const main = join(packages, 'simulation/src/main.ts');
  const { stdout } = await run(process.execPath, [main, 'mutants', '--only', 'M5,M6,M10,M23', '--hours', '0.1']);
  expect(stdout).toMatch(/\| M5 \| .+ \| script \| `figure-8` \| - \|/);
  expect(stdout).toMatch(/\| M10 \| .+ \| search \| .+ \| seed 1 after 0\.\d+ h: a quorum of durable copies \|/);
  expect(stdout).toMatch(/\| M23 \| .+ \| script \| `aba` \| - \|/);
  expect(stdout).toMatch(
    /\| M6 \| .+ \| script and search \| `log-comparison` \| seed \d+ after 0\.\d+ h: leader completeness \|/,
  );
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('4 of 4 caught');
}, 180_000);

test('a bug that nothing catches makes the report fail', async () => {
  const main = join(packages, 'simulation/src/main.ts');
  const failed = run(process.execPath, [main, 'mutants', '--only', 'M32', '--hours', '0.001']);
  await expect(failed).rejects.toMatchObject({ code: 1, stdout: expect.stringMatching(/\n0 of 1 caught\n$/) });
}, 180_000);

test('the report in the documentation is of these bugs, and all of them are caught', () => {
  const report = readFileSync(join(packages, '../docs/simulation-mutants.md'), 'utf8');
  const rows = [...report.matchAll(/^\| (M\d+) +\| (.+?) +\|/gm)].map(([, id, bug]) => ({ id, bug }));
  expect(rows).toEqual(mutants.map(({ id, bug }) => ({ id, bug })));
  expect(report).toContain('\n32 of 32 caught\n');
});
