import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root, run } from '../system/support/command.ts';

/** What the Dockerfile and the agent call, beside Node and a shell. */
const programs = ['bash', 'nft', 'ip', 'conntrack', 'iptables', 'nsenter', 'mount', 'umount'];
const applets = [
  'cat',
  'cp',
  'dirname',
  'env',
  'ln',
  'ls',
  'mkdir',
  'mv',
  'ps',
  'readlink',
  'rm',
  'rmdir',

  'sleep',
  'true',
  'uname',
];
const certificates = '/etc/ssl/certs/ca-certificates.crt';

/**
 * Makes an image to build Berth's on where no registry can be reached: the pinned Node, npm, the node agent's tools with the libraries
 * that they are linked with, and a shell, all copied from this machine.
 */
export async function makeMachineBase(name: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'berth-base-image-'));
  try {
    const files = new Map<string, string>();
    for (const program of programs) addProgram(files, pathOf(program), `/usr/bin/${program}`);
    addProgram(files, realpathSync(join(root, 'node_modules/.bin/node')), '/usr/local/bin/node');
    addMatches(files, pathOf('iptables'));
    addNpm(files);
    files.set('/bin/busybox', pathOf('busybox'));
    if (existsSync(certificates)) files.set(certificates, certificates);
    for (const [at, source] of files) copy(source, join(folder, 'files', at));
    for (const applet of applets) link('busybox', join(folder, 'files/bin', applet));
    link('/usr/bin/bash', join(folder, 'files/bin/sh'));
    link('/bin/env', join(folder, 'files/usr/bin/env'));
    link('../lib/node_modules/npm/bin/npm-cli.js', join(folder, 'files/usr/local/bin/npm'));
    for (const directory of ['tmp', 'root', 'var/lib', 'opt'])
      mkdirSync(join(folder, 'files', directory), { recursive: true });
    writeFileSync(join(folder, 'files/etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
    const archive = join(folder, 'image.tar');
    await run('tar', ['--create', '--file', archive, '--directory', join(folder, 'files'), '.']);
    const changes = [
      'ENV PATH=/usr/local/bin:/usr/bin:/bin',
      ...(existsSync(certificates)
        ? [`ENV NODE_EXTRA_CA_CERTS=${certificates} npm_config_cafile=${certificates}`]
        : []),
      ...npmRegistry(),
    ];
    await run('docker', ['import', ...changes.flatMap((change) => ['--change', change]), archive, name]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function pathOf(program: string): string {
  return execFileSync('sh', ['-c', `PATH="$PATH:/usr/sbin:/sbin" command -v ${program}`], { encoding: 'utf8' }).trim();
}

/** A program where the image has it, and what the loader will look for, where it looks for it. */
function addProgram(files: Map<string, string>, source: string, at: string): void {
  files.set(at, source);
  const listing = execFileSync('ldd', [source], { encoding: 'utf8' });
  for (const [, library = ''] of listing.matchAll(/(?:=>\s*)?(\/\S+)\s+\(0x/g)) files.set(library, library);
}

/** iptables loads its matches and targets from a folder beside its library. */
function addMatches(files: Map<string, string>, iptables: string): void {
  const library = /\s(\/\S+\/libxtables\.so\S*)/.exec(execFileSync('ldd', [iptables], { encoding: 'utf8' }))?.[1];
  if (library === undefined) throw new Error(`${iptables} is not linked with libxtables`);
  const folder = join(dirname(realpathSync(library)), 'xtables');
  for (const file of readdirSync(folder)) files.set(join(folder, file), join(folder, file));
}

function addNpm(files: Map<string, string>): void {
  const npm = dirname(dirname(realpathSync(pathOf('npm'))));
  files.set('/usr/local/lib/node_modules/npm', npm);
}

/** The registry that this machine's npm asks, where it is set. */
function npmRegistry(): readonly string[] {
  const registry = process.env['npm_config_registry'];
  return registry === undefined || registry === '' ? [] : [`ENV npm_config_registry=${registry}`];
}

/** As a file of its own, whatever links lead to it. */
function copy(source: string, at: string): void {
  mkdirSync(dirname(at), { recursive: true });
  cpSync(source, at, { recursive: true, dereference: true });
}

function link(target: string, at: string): void {
  mkdirSync(dirname(at), { recursive: true });
  symlinkSync(target, at);
}
