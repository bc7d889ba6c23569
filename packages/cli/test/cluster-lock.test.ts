import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realWorld } from '@berth/world';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clusterLock, type LockContext } from '../src/dev/cluster-lock.ts';
import { planCluster, usualShape } from '../src/dev/cluster-plan.ts';
import { devFolder, emptyState, readState, writeState } from '../src/dev/cluster-state.ts';
import { processOf } from '../src/dev/launched-process.ts';
import type { Steps } from '../src/terminal/steps.ts';

let path: string;
const titles: string[] = [];
const steps: Steps = {
  run(title, work) {
    titles.push(title);
    return work(() => undefined);
  },
};
const contextOf = (name: string): LockContext => ({ folder: devFolder(join(path, name)), steps, world: realWorld });

beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'berth-lock-'));
});
afterAll(() => rm(path, { recursive: true, force: true }));

test('who comes second waits, says so, and has its turn', async () => {
  const context = contextOf('second');
  const order: string[] = [];
  const first = await clusterLock(context);
  expect(titles).toEqual([]);
  const second = clusterLock(context).then(async (lock) => {
    order.push('second begins');
    await lock[Symbol.asyncDispose]();
  });
  order.push('first ends');
  await first[Symbol.asyncDispose]();
  await second;
  expect(order).toEqual(['first ends', 'second begins']);
  expect(titles).toEqual(['waiting for another command of `berth dev`']);
});

test('clusters in other folders are not held up', async () => {
  await using _one = await clusterLock(contextOf('one'));
  await using _other = await clusterLock(contextOf('other'));
});

test('changes of the state that come at the same time are all kept', async () => {
  const context = contextOf('state');
  const self = processOf(process.pid);
  if (self === undefined) throw new Error('this process has no entry in /proc');
  const networks = { hosts: '10.89', podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16' };
  writeState(context.folder, emptyState(planCluster(usualShape, networks)));
  const hosts = ['node-1', 'node-2', 'node-3', 'node-4'];
  const change = async (host: string): Promise<void> => {
    await using _ = await clusterLock(context);
    const state = readState(context.folder);
    if (state === undefined) throw new Error('the state is there');
    await realWorld.timers.sleep(1);
    writeState(context.folder, { ...state, processes: { ...state.processes, [host]: self } });
  };
  await Promise.all(hosts.map(change));
  expect(Object.keys(readState(context.folder)?.processes ?? {}).sort()).toEqual(hosts);
});

test('a process that is killed lets go of it', async () => {
  const context = contextOf('killed');
  const source = new URL('../src/dev/cluster-lock.ts', import.meta.url).href;
  const program = `
    const { clusterLock } = await import(${JSON.stringify(source)});
    await clusterLock({ folder: { path: ${JSON.stringify(context.folder.path)} } });
    process.stdout.write('held');
    setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [held] = (await once(holder.stdout, 'data')) as [Buffer];
  expect(String(held)).toBe('held');
  const waiting = clusterLock(context);
  holder.kill('SIGKILL');
  await using _ = await waiting;
});
