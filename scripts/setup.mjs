// Installs what a fresh machine lacks: the locked npm packages, a Docker Engine, the tools of the node agent and of the tests.
// Plain JavaScript for Node >= 20, since it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { confirm, step } from './terminal.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));
/** The pinned Node 24 that runs everything of Berth. */
export const node = join(root, 'node_modules/.bin/node');

const isRoot = process.getuid?.() === 0;
// An ordinary user's path often lacks the places of `nft` and `ip`.
const searchPath = { ...process.env, PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin` };
const answers = (command, ...args) => spawnSync(command, args, { stdio: 'ignore', env: searchPath }).status === 0;
const has = (command) => answers('sh', '-c', `command -v ${command}`);

/** Ends with a sentence on a Node that cannot run what comes next. */
function expectNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20)
    throw new Error(
      `Node 20 or newer is needed to set Berth up, this is ${process.version}; it brings its own Node 24 for the rest`,
    );
}

/** Installs the packages of package-lock.json, once per lock file. */
export async function ensurePackages() {
  expectNode();
  const stamp = join(root, 'node_modules/.berth-lock');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(node) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  await step('npm packages of package-lock.json', async () => {
    await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root });
    writeFileSync(stamp, wanted);
  });
}

/** Names of a package in the distributions that Berth knows; `undefined` where it is part of the base system. */
const packages = {
  'apt-get': {
    docker: ['docker.io'],
    nft: ['nftables'],
    ip: ['iproute2'],
    conntrack: ['conntrack'],
    iptables: ['iptables'],
    socat: ['socat'],
    busybox: ['busybox-static'],
    kubectl: ['kubernetes-client'],
    etcd: ['etcd-server'],
    'docker-compose': ['docker-compose'],
    protoc: ['protobuf-compiler'],
    curl: ['curl'],
  },
  dnf: {
    docker: ['moby-engine'],
    nft: ['nftables'],
    ip: ['iproute'],
    conntrack: ['conntrack-tools'],
    iptables: ['iptables-nft'],
    socat: ['socat'],
  },
  zypper: {
    docker: ['docker'],
    nft: ['nftables'],
    ip: ['iproute2'],
    conntrack: ['conntrack-tools'],
    iptables: ['iptables'],
    socat: ['socat'],
  },
  pacman: {
    docker: ['docker'],
    nft: ['nftables'],
    ip: ['iproute2'],
    conntrack: ['conntrack-tools'],
    iptables: ['iptables-nft'],
    socat: ['socat'],
  },
};
const installCommands = {
  'apt-get': [
    ['apt-get', 'update', '-qq'],
    ['apt-get', 'install', '-y', '-qq', '--no-install-recommends'],
  ],
  dnf: [['dnf', 'install', '-y', '-q']],
  zypper: [['zypper', '--non-interactive', 'install']],
  pacman: [['pacman', '-Sy', '--noconfirm', '--needed']],
};

async function installTools(tools) {
  const manager = Object.keys(packages).find((name) => has(name));
  const names = tools.flatMap((tool) => packages[manager]?.[tool] ?? []);
  if (manager === undefined || names.length === 0)
    throw new Error(`please install ${tools.join(', ')}: no known package manager offers it here`);
  const elevate = elevation(`${tools.join(', ')} must be installed (${manager} packages ${names.join(', ')})`);
  const commands = installCommands[manager];
  for (const [position, command] of commands.entries()) {
    const [program, ...args] = [...elevate, ...command, ...(position === commands.length - 1 ? names : [])];
    await run(program, args, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  }
}

/** What stands before a command so that root runs it: nothing, sudo, or a privileged container of the Docker Engine. */
function elevation(why) {
  if (isRoot) return [];
  if (answers('sudo', '-n', 'true')) return ['sudo', '-n'];
  if (answers('docker', 'info')) return [node, `${root}packages/cli/src/main.ts`, 'dev', 'as-root', '/usr/bin/env'];
  throw new Error(`${why}: run this once as root, or install them by hand`);
}

/**
 * Installs the tools that are missing. `programs` maps a tool of the table above to the command that proves it is there, whoever
 * installed it: a distribution's package often cannot stand beside another one with the same program.
 */
export async function ensureTools(programs) {
  const missing = Object.entries(programs)
    .filter(([, command]) => !has(command))
    .map(([tool]) => tool);
  if (missing.length === 0) return;
  await step(`installing ${missing.join(', ')} from the distribution`, () => installTools(missing));
}

/** A Docker Engine that answers: the running one, or the installed one started, or the distribution's installed after asking. */
export async function ensureDocker() {
  if (answers('docker', 'info')) return;
  if (!has('dockerd')) {
    const agreed = await confirm('No Docker Engine answers here. Berth installs the one of your distribution now.');
    if (!agreed) throw new Error('a Docker Engine is needed: install one, or let this command do it');
    await step('installing the Docker Engine of the distribution', () => installTools(['docker', 'iptables']));
    if (answers('docker', 'info')) return;
  }
  await step('starting the Docker Engine', startDocker);
}

async function startDocker() {
  if (!isRoot)
    throw new Error(
      'the Docker Engine does not answer and only root can start it (or: is your user in the docker group?)',
    );
  if (existsSync('/run/systemd/system')) {
    spawnSync('systemctl', ['start', 'docker'], { stdio: 'ignore' });
  } else {
    mkdirSync('/var/log', { recursive: true });
    const log = openSync('/var/log/berth-dockerd.log', 'a');
    spawn('dockerd', [], { detached: true, stdio: ['ignore', log, log] }).unref();
  }
  for (let attempt = 0; attempt < 300; attempt++) {
    if (answers('docker', 'info')) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(
    'the Docker Engine did not start within 30 s; see /var/log/berth-dockerd.log or `systemctl status docker`',
  );
}

/** Runs a command quietly; its output is shown only when it fails. */
function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        output += chunk;
      });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(undefined);
      else reject(new Error(`${[command, ...args].join(' ')} ended with ${code}\n${output.slice(-4000)}`));
    });
  });
}

/** Runs a command on this terminal and answers its exit code. */
export function runHere(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', cwd: root, ...options });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? (signal === null ? 1 : 130)));
  });
}
