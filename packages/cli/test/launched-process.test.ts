import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realWorld } from '@berth/world';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isAlive, launch, processOf, signal, terminate } from '../src/dev/launched-process.ts';
import { waitFor } from '../src/dev/waiting.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-launch-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const script = (name: string, text: string) => ({
  program: 'sh',
  args: ['-c', text],
  logFile: join(folder, `${name}.log`),
});
const graceMs = 10_000;

/** Until the process has printed something: then its script runs. */
const printed = (name: string): Promise<string> =>
  waitFor(
    realWorld,
    { what: 'a line', timeoutMs: graceMs },
    async () => readFileSync(join(folder, `${name}.log`), 'utf8') || undefined,
  );

test('a launched process stands in the root folder, and what it prints is in its log', async () => {
  const launched = launch(script('stands', 'pwd; exec sleep 1000'));
  expect(await printed('stands')).toBe('/\n');
  expect(isAlive(launched)).toBe(true);
  expect(processOf(launched.pid)).toEqual(launched);
  await terminate(launched, graceMs, realWorld);
  expect(isAlive(launched)).toBe(false);
  expect(processOf(launched.pid)).toBeUndefined();
});

test('one that does not heed SIGTERM is killed', async () => {
  const launched = launch(script('deaf', 'trap "" TERM; echo up; while :; do sleep 1000; done'));
  await printed('deaf');
  await terminate(launched, 50, realWorld);
  expect(isAlive(launched)).toBe(false);
});

test('one that is stopped is woken up to end', async () => {
  const launched = launch(script('stopped', 'trap "echo ended; exit" TERM; echo up; while :; do sleep 0.01; done'));
  await printed('stopped');
  signal(launched, 'SIGSTOP');
  await terminate(launched, graceMs, realWorld);
  expect(readFileSync(join(folder, 'stopped.log'), 'utf8')).toContain('ended');
});

test('a pid that was given away again, or of an earlier boot, is nobody of ours', async () => {
  const launched = launch(script('other', 'exec sleep 1000'));
  for (const stale of [
    { ...launched, startTicks: launched.startTicks - 1 },
    { ...launched, bootId: 'earlier' },
  ]) {
    expect(isAlive(stale)).toBe(false);
    await terminate(stale, 0, realWorld);
  }
  expect(isAlive(launched)).toBe(true);
  await terminate(launched, graceMs, realWorld);
});

test('a program that does not exist is named', () => {
  expect(() => launch({ program: '/nowhere/berth', args: [], logFile: join(folder, 'none.log') })).toThrow(
    '/nowhere/berth could not be started',
  );
});

test('waiting ends with the log of a process that has ended', async () => {
  const go = join(folder, 'go');
  const command = script('ends', `until [ -e ${go} ]; do sleep 0.01; done; echo no such port >&2; exit 1`);
  const launched = launch(command);
  writeFileSync(go, '');
  const processes = [{ launched, logFile: command.logFile }];
  const waiting = waitFor(realWorld, { what: 'it answers', timeoutMs: graceMs, processes }, async () => undefined);
  await expect(waiting).rejects.toThrow(`it answers: the process ended; the end of ${command.logFile}:\nno such port`);
});

test('waiting ends with the last failure when the time is over, and with the reason of a signal', async () => {
  const refuse = async (): Promise<undefined> => {
    throw new Error('refused');
  };
  await expect(waitFor(realWorld, { what: 'it answers', timeoutMs: 0 }, refuse)).rejects.toThrow(
    'it answers: not within 0 s; last: refused',
  );
  const signal = AbortSignal.abort(new Error('another part has failed'));
  await expect(waitFor(realWorld, { what: 'it answers', timeoutMs: graceMs, signal }, refuse)).rejects.toThrow(
    'another part has failed',
  );
});
