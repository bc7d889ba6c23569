import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realWorld, type World } from '@berth/world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { IdentityFiles, type KnownServer, type ServerList } from '../src/identity/node-identity.ts';
import { silentLog } from '../src/logging/log.ts';
import { ServerBook } from '../src/session/server-book.ts';
import { ServerRotation } from '../src/session/server-rotation.ts';
import { ServerSearch } from '../src/session/server-search.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-servers-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function servers(...names: readonly string[]): readonly KnownServer[] {
  return names.map((name) => ({ name, apiAddress: `${name}:6443`, gatewayAddress: `${name}:6444` }));
}

function names({ current, former }: ServerList): readonly (readonly string[])[] {
  return [current, former].map((list) => list.map(({ name }) => name));
}

function open(joined: readonly KnownServer[]): Promise<ServerBook> {
  return ServerBook.open(new IdentityFiles(folder), joined, silentLog);
}

test('every list that a server tells is there again after a restart, and who was heard of before as well', async () => {
  {
    await using book = await open(servers('a'));
    book.learn(servers('a', 'b', 'c'));
    book.learn(servers('b', 'd'));
  }
  await using book = await open(servers('a'));
  expect(names(book.list)).toEqual([
    ['b', 'd'],
    ['a', 'c'],
  ]);
  expect(statSync(join(folder, 'identity/servers.json')).mode & 0o777).toBe(0o600);
});

test('an empty list says nothing, and the same list again is not written again', async () => {
  await using book = await open(servers('a', 'b'));
  book.learn([]);
  book.learn(servers('a', 'b'));
  expect(names(book.list)).toEqual([['a', 'b'], []]);
  await book[Symbol.asyncDispose]();
  expect(() => readFileSync(join(folder, 'identity/servers.json'))).toThrow('ENOENT');
});

test('a damaged file leaves what was said at joining', async () => {
  {
    await using book = await open(servers('a'));
    book.learn(servers('b'));
  }
  writeFileSync(join(folder, 'identity/servers.json'), '{"current": [{"name"');
  await using book = await open(servers('a'));
  expect(names(book.list)).toEqual([['a'], []]);
});

test('of servers that have gone a bounded number is kept, the latest', async () => {
  await using book = await open(servers('s0'));
  for (let index = 1; index <= 30; index += 1) book.learn(servers(`s${index}`));
  expect(book.list.former).toHaveLength(16);
  expect(book.list.former[0]?.name).toBe('s29');
});

test('servers are asked in turn, and those of before only when none of the others answered', () => {
  let list: ServerList = { current: servers('a', 'b', 'c'), former: servers('x') };
  const rotation = new ServerRotation(() => list, 1);
  const turns = (count: number) => Array.from({ length: count }, () => rotation.next()?.replace(':6444', ''));
  expect(turns(3)).toEqual(['b', 'c', 'a']);
  expect(rotation.roundEnded).toBe(true);
  expect(turns(4)).toEqual(['b', 'c', 'a', 'x']);
  expect(turns(2)).toEqual(['a', 'b']);
  rotation.succeeded();
  list = { current: servers('b', 'd'), former: servers('x') };
  expect(turns(2)).toEqual(['d', 'b']);
});

test('with no list of now the servers of before are asked, and without any nobody', () => {
  expect(new ServerRotation(() => ({ current: [], former: servers('x') }), 0).next()).toBe('x:6444');
  const nobody = new ServerRotation(() => ({ current: [], former: [] }), 0);
  expect(nobody.next()).toBeUndefined();
  expect(nobody.roundEnded).toBe(true);
});

test('the command line’s servers are asked when they are none of the known ones, and ever more seldom', async () => {
  let nowMs = 0;
  const asked: (readonly string[])[] = [];
  const world: World = { ...realWorld, clock: { ...realWorld.clock, monotonicMs: () => nowMs } };
  const search = new ServerSearch({
    urls: ['https://a:6443', 'https://new:6443'],
    book: { list: { current: servers('a'), former: [] } },
    ask: async (urls) => {
      asked.push(urls);
      throw new Error('nobody answers');
    },
    world,
    log: silentLog,
  });
  for (nowMs = 0; nowMs < 60_000; nowMs += 1000) {
    search.begin();
    await search[Symbol.asyncDispose]();
  }
  // After 5 s, 10 s and 20 s.
  expect(asked).toEqual(Array.from({ length: 4 }, () => ['https://new:6443']));
});

test('nobody is asked when the command line names known servers only', async () => {
  const search = new ServerSearch({
    urls: ['https://a:6443'],
    book: { list: { current: [], former: servers('a') } },
    ask: () => Promise.reject(new Error('it was asked')),
    world: realWorld,
    log: { ...silentLog, warn: (_fields, message) => expect.unreachable(message) },
  });
  search.begin();
  await search[Symbol.asyncDispose]();
});
