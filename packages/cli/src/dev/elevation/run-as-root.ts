import { spawn } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { hostEngineSocket, removeImages } from '../host-engine.ts';
import { boundingSet } from './capabilities.ts';
import { type Elevation, elevationVariable } from './elevated-process.ts';
import { ensureElevationImage } from './elevation-image.ts';

/** A command that is to run as root, with an absolute program path. */
export interface RootCommand {
  readonly program: string;
  readonly args: readonly string[];
}

/** Variables of the caller that mean something to the commands. */
const passedVariables = [
  'BERTH_DEV_DIR',
  'DOCKER_HOST',
  'TERM',
  'NO_COLOR',
  'LANG',
  'http_proxy',
  'https_proxy',
  'no_proxy',
];
/** An ordinary user's path often lacks the places of `ip` and `nft`. */
const systemFolders = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Runs a command as root on this machine for a user who may use its Docker Engine, and thereby is root's equal: in a privileged
 * container that shares every namespace with the machine. Terminal, signals and exit code pass through.
 */
export async function runAsRoot({ program, args }: RootCommand): Promise<number> {
  const socketPath = hostEngineSocket();
  try {
    accessSync(socketPath, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new Error(
      `this needs root, or a user who may use the Docker Engine (group docker): ${(error as Error).message}`,
      { cause: error },
    );
  }
  const image = await ensureElevationImage(socketPath);
  const elevation: Elevation = {
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    callerPid: process.pid,
    folder: process.cwd(),
  };
  const environment = {
    PATH: `${process.env['PATH'] ?? ''}:${systemFolders}`,
    [elevationVariable]: JSON.stringify(elevation),
    ...Object.fromEntries(passedVariables.map((name) => [name, process.env[name]])),
  };
  const set = Object.entries(environment).filter(([, value]) => value !== undefined);
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const child = spawn(
    'docker',
    [
      ...['--host', `unix://${socketPath}`, 'run', '--rm', ...(isTerminal ? ['-it'] : []), '--log-driver', 'none'],
      ...['--user', '0:0', '--userns', 'host', '--cgroupns', 'host'],
      ...['--network', 'host', '--pid', 'host', '--ipc', 'host', '--uts', 'host'],
      // What `--privileged` stands for, as far as this machine's root has it himself: an engine refuses to give more.
      ...boundingSet(readFileSync('/proc/1/status', 'utf8')).flatMap((name) => ['--cap-add', name]),
      ...['seccomp=unconfined', 'apparmor=unconfined', 'label=disable'].flatMap((option) => ['--security-opt', option]),
      ...set.flatMap(([name]) => ['--env', name]),
      image,
      `/proc/${process.pid}/ns/mnt`,
      program,
      ...args,
    ],
    { stdio: 'inherit', env: { ...process.env, ...Object.fromEntries(set) } },
  );
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', (error) => reject(new Error(`docker cannot be run: ${error.message}`, { cause: error })));
  child.once('close', (code) => resolve(code ?? 1));
  return promise;
}

/** Removes what `runAsRoot` leaves in the engine. */
export function removeElevationImage(): Promise<void> {
  return removeImages(hostEngineSocket(), ['elevation']);
}
