// npm test: sets the machine up, then checks types, style and dead code, and runs all unit and system tests.
// Arguments go to vitest: `npm test -- --project unit packages/raft`.
import { spawnSync } from 'node:child_process';
import { ensureDocker, ensurePackages, ensureTools, root, runHere } from './setup.mjs';
import { bold, fail } from './terminal.mjs';

const checks = [
  ['types', ['npx', 'tsc', '--noEmit']],
  ['style', ['npx', 'biome', 'check']],
  ['dead code', ['npx', 'knip']],
];

try {
  await ensurePackages();
  await ensureDocker();
  await ensureTools({
    nft: 'nft',
    ip: 'ip',
    conntrack: 'conntrack',
    iptables: 'iptables',
    socat: 'socat',
    busybox: 'busybox',
    kubectl: 'kubectl',
    etcd: 'etcd',
    'docker-compose': 'docker-compose',
    protoc: 'protoc',
    curl: 'curl',
  });
  const env = { ...process.env, PATH: `${root}node_modules/.bin:${process.env.PATH}`, npm_config_loglevel: 'error' };
  const selection = process.argv.slice(2);
  for (const [title, [command, ...args]] of selection.length === 0 ? checks : []) {
    process.stdout.write(`${bold(title)}\n`);
    if (spawnSync(command, args, { cwd: root, env, stdio: 'inherit' }).status !== 0)
      throw new Error(`the check of ${title} failed`);
  }
  process.exitCode = await runHere('npx', ['vitest', 'run', ...selection], { env });
} catch (error) {
  fail(error);
}
