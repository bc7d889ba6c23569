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

test('a planted bug is caught, and the report says by what', async () => {
  const main = join(packages, 'simulation/src/main.ts');
  const { stdout } = await run(process.execPath, [main, 'mutants', '--only', 'M10', '--hours', '0.1']);
  expect(stdout).toMatch(
    /\| M10 \| quorum one too small \| search \| .+ \| seed 1 after 0\.\d+ h: a quorum of durable copies \|/,
  );
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('1 of 1 caught');
}, 60_000);
