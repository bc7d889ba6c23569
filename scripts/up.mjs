// npm run up: from a fresh clone to a running cluster with a demo application.
import { ensureDocker, ensurePackages, ensureTools, node, root, runHere } from './setup.mjs';
import { fail } from './terminal.mjs';

try {
  await ensurePackages();
  await ensureDocker();
  await ensureTools({ nft: 'nft', ip: 'ip', conntrack: 'conntrack', iptables: 'iptables' });
  process.exitCode = await runHere(node, [
    `${root}packages/cli/src/main.ts`,
    'dev',
    'up',
    '--demo',
    ...process.argv.slice(2),
  ]);
} catch (error) {
  fail(error);
}
