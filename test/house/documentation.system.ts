import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { runnableBlocks } from './runnable-blocks.ts';
import { root } from './source-tree.ts';

// Stories of the documentation on a real local cluster: the blocks of a page marked `runnable cluster`, one after the other in one shell, as a
// reader would type them. Needs what `npm run up` needs.

const stories = Map.groupBy(
  runnableBlocks.filter(({ needsCluster }) => needsCluster),
  ({ page }) => page,
);

afterEach(async () => {
  await promisify(execFile)(`${root}berth`, ['dev', 'down']);
}, 60_000);

test.each([...stories])(
  'what %s says to type works',
  async (_page, blocks) => {
    const script = blocks.map(({ commands, line, page }) => `: '${page}:${line}'\n${commands}`).join('\n');
    // The trace tells which command failed.
    const run = promisify(execFile)('sh', ['-euxc', script], { cwd: root, maxBuffer: 16 << 20 });
    await expect(run.then(() => 'done', failureOf)).resolves.toBe('done');
  },
  240_000,
);

function failureOf(error: { readonly stdout?: string; readonly stderr?: string }): string {
  return [error.stdout, error.stderr].map((text) => (text ?? '').split('\n').slice(-30).join('\n')).join('\n');
}
