// npm run down: removes every trace of the local cluster; with --keep-data its state stays.
import { ensurePackages, node, root, runHere } from './setup.mjs';
import { fail } from './terminal.mjs';

try {
  await ensurePackages();
  process.exitCode = await runHere(node, [`${root}packages/cli/src/main.ts`, 'dev', 'down', ...process.argv.slice(2)]);
} catch (error) {
  fail(error);
}
