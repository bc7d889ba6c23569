import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adminKubeconfigPath } from '@berth/control-plane';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { planCluster, usualShape } from '../src/dev/cluster-plan.ts';
import {
  type ClusterState,
  type DevFolder,
  devFolder,
  emptyState,
  isComplete,
  isRunning,
  readState,
  removeState,
  writeState,
} from '../src/dev/cluster-state.ts';
import { adminKubeconfig, isMember } from '../src/dev/data-directory.ts';
import { processOf } from '../src/dev/launched-process.ts';
import { processArguments } from '../src/dev/process-arguments.ts';

const networks = { hosts: '10.89', podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16' };
const plan = planCluster({ ...usualShape, servers: 1, dataCenters: 1, nodesPerDataCenter: 1 }, networks);
const living = processOf(process.pid);
const dead = living === undefined ? undefined : { ...living, startTicks: 1 };
if (living === undefined || dead === undefined) throw new Error('this process has no entry in /proc');

let folder: DevFolder;
beforeEach(async () => {
  folder = devFolder(join(await mkdtemp(join(tmpdir(), 'berth-state-')), 'dev'));
});
afterEach(() => rm(join(folder.path, '..'), { recursive: true, force: true }));

test('what was written is read again; nothing is there before', () => {
  expect(readState(folder)).toBeUndefined();
  const state = { ...emptyState(plan), processes: { 'node-1': living } };
  writeState(folder, state);
  expect(readState(folder)).toEqual(state);
});

test('a file of another version, or a damaged one, is refused with its path', () => {
  writeState(folder, emptyState(plan));
  writeFileSync(join(folder.path, 'cluster.json'), '{"version": 2}');
  expect(() => readState(folder)).toThrow(`${folder.path}/cluster.json was written by another version`);
  writeFileSync(join(folder.path, 'cluster.json'), '{"ver');
  expect(() => readState(folder)).toThrow(`${folder.path}/cluster.json is damaged`);
});

test('removing leaves nothing; keeping data leaves data and plan', () => {
  const state: ClusterState = { ...emptyState(plan), processes: { 'node-1': dead }, demoUrl: 'http://a/' };
  writeState(folder, state);
  for (const file of [folder.kubeconfig, folder.logOf('node-1'), folder.tokenOf('agent')]) writeFileSync(file, 'x');
  mkdirSync(folder.dataOf('node-1'));
  removeState(folder, { keepData: true });
  expect(readState(folder)).toEqual(emptyState(plan));
  expect(readdirSync(folder.path).sort()).toEqual(['cluster.json', 'data', 'logs']);
  expect(readdirSync(join(folder.path, 'logs'))).toEqual([]);
  expect(existsSync(folder.dataOf('node-1'))).toBe(true);
  removeState(folder, { keepData: false });
  expect(existsSync(folder.path)).toBe(false);
});

test('complete is only a cluster whose every process lives, front door included', () => {
  const complete: ClusterState = {
    ...emptyState(plan),
    frontDoor: { port: 6443, process: living },
    processes: { 'server-1': living, 'node-1': living },
  };
  expect([isComplete(complete), isRunning(complete)]).toEqual([true, true]);
  const oneDead = { ...complete, processes: { ...complete.processes, 'node-1': dead } };
  expect([isComplete(oneDead), isRunning(oneDead)]).toEqual([false, true]);
  const shut = { ...complete, frontDoor: { port: 6443, process: dead } };
  expect([isComplete(shut), isRunning(shut)]).toEqual([false, true]);
  expect([isComplete(emptyState(plan)), isRunning(emptyState(plan))]).toEqual([false, false]);
});

test('a directory alone makes no member: only what is written last when joining', () => {
  const dataDir = folder.dataOf('server-1');
  mkdirSync(join(dataDir, 'identity'), { recursive: true });
  expect([isMember('server', dataDir), isMember('node', dataDir)]).toEqual([false, false]);
  writeFileSync(join(dataDir, 'server.json'), '{}');
  writeFileSync(join(dataDir, 'identity/identity.json'), '{}');
  expect([isMember('server', dataDir), isMember('node', dataDir)]).toEqual([true, true]);
});

test("the administrator's kubeconfig lies where the server writes it", () => {
  expect(adminKubeconfig('/data')).toBe(adminKubeconfigPath('/data'));
});

test('no secret stands on a command line: tokens are named by their files', () => {
  const [server, node] = plan.hosts;
  if (server === undefined || node === undefined) throw new Error('the plan has two hosts');
  const files = { dataDir: '/data', engineSocket: '/var/run/docker.sock' };
  const joining = { tokenFile: '/dev/server.token', urls: ['https://10.89.1.11:6443'] };
  expect(processArguments(plan, server, files, joining).join(' ')).toBe(
    'server --name server-1 --data-dir /data --listen 10.89.1.11:6443 --gateway-listen 10.89.1.11:6444 --peer-listen 10.89.1.11:6445 --advertise-address 10.89.1.11 --region local --zone dc-1 --pod-cidr 10.244.0.0/16 --service-cidr 10.96.0.0/16 --join https://10.89.1.11:6443 --token-file /dev/server.token',
  );
  expect(processArguments(plan, node, files, undefined).join(' ')).toBe(
    'agent --name node-1 --data-dir /data --node-ip 10.89.1.101 --region local --zone dc-1 --engine-socket /var/run/docker.sock --server https://10.89.1.11:6443',
  );
});
