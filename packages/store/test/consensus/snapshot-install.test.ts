import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { logIndex } from '@berth/raft';
import { realWorld } from '@berth/world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DataDirectory } from '../../src/consensus/data-directory.ts';
import { LogWriter } from '../../src/consensus/log-writer.ts';
import { openDirectory } from '../../src/consensus/open-directory.ts';
import type { PromiseFile } from '../../src/consensus/promise-file.ts';
import { Replica } from '../../src/embedded/replica.ts';
import { type EmbeddedStore, prefixRange } from '../../src/index.ts';
import type { CoreOptions } from '../../src/link/core-messages.ts';
import { closeStopped, openStopped, replay } from '../../src/recovery/stopped-member.ts';
import { importSnapshot } from '../../src/snapshot/snapshot-import.ts';
import { SnapshotSource } from '../../src/snapshot/snapshot-source.ts';
import { EmbeddedCluster } from '../embedded-cluster.ts';
import { testFolder } from '../test-folder.ts';

let scratch: string;
beforeEach(async () => {
  scratch = await testFolder('install');
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

test('rule 49: a crash after any step of an install leaves the old state or the new one', {
  timeout: 30_000,
}, async () => {
  const { before, later } = await twoMoments();
  const crashes: string[] = [];
  const crashNow = async (step: string): Promise<void> => {
    const copy = join(scratch, `crash-${step}`);
    await cp(before, copy, { recursive: true });
    crashes.push(copy);
  };
  await install(before, later, crashNow);
  const outcomes: string[] = [];
  for (const crash of crashes) outcomes.push(await keysAfterStart(crash));
  expect(outcomes).toEqual(['old', 'old', 'old', 'new', 'new', 'new']);
});

/** Two copies of one member's directory: at ten keys and at twenty. */
async function twoMoments(): Promise<{ before: string; later: string }> {
  await using cluster = await EmbeddedCluster.start(1);
  const before = join(scratch, 'before');
  const later = join(scratch, 'later');
  for (const [copy, from] of [
    [before, 0],
    [later, 10],
  ] as const) {
    for (let i = from; i < from + 10; i++) await put(cluster.at(0), String(i));
    await cluster.stop(0);
    await cp(cluster.optionsOf(0).dataDirectory, copy, { recursive: true });
    await cluster.restart(0);
  }
  return { before, later };
}

/** Carries out the install of `later`'s state in the directory `path`, and lets the machine crash after every step. */
async function install(path: string, later: string, crashNow: (step: string) => Promise<void>): Promise<void> {
  const directory = new DataDirectory(path);
  const replica = new Replica(realWorld, path, quiet);
  const opened = await openDirectory(realWorld, { dataDirectory: path } as CoreOptions, (folder) =>
    replica.openState(folder),
  );
  const source = await openStopped(realWorld, later);
  const snapshot = await SnapshotSource.ofRecords(source.state.database);
  if (snapshot === undefined) throw new Error('no snapshot');
  await crashNow('before');
  const staged = await importSnapshot(snapshot.stream(), directory.state('state-2'));
  await staged.database.close();
  await snapshot.close();
  await closeStopped(source);
  await crashNow('staged');
  const promises = crashingBeforeUpdates(opened.promises, crashNow);
  const done = Promise.withResolvers<void>();
  const writer = new LogWriter(opened.log.database, promises, realWorld, opened.log.writerStart, {
    durable: () => done.resolve(),
    failed: done.reject,
    installed: () => undefined,
  });
  const { base } = staged.meta;
  writer.stagedFolders.set(7, 'state-2');
  const nothing = { hardState: undefined, truncateFrom: undefined, entries: [], base: undefined };
  writer.submit({
    kind: 'persist',
    seq: 1,
    ...nothing,
    install: { snapshotId: 7, base: { ...base, index: logIndex(base.index) } },
  });
  await done.promise;
  await crashNow('installed');
  await writer.close();
  await rm(directory.state('state-1'), { recursive: true });
  await crashNow('old state gone');
  await opened.promises.close();
  await opened.log.database.close();
  await replica.close();
}

/** The promise files are written before and after the one write that counts: copies are taken before each time. */
function crashingBeforeUpdates(file: PromiseFile, crashNow: (step: string) => Promise<void>): PromiseFile {
  let updates = 0;
  const update: PromiseFile['update'] = async (change) => {
    updates += 1;
    if (updates <= 2) await crashNow(`promise ${updates}`);
    await file.update(change);
  };
  return {
    get promises() {
      return file.promises;
    },
    update,
    close: () => file.close(),
  } as PromiseFile;
}

async function keysAfterStart(path: string): Promise<string> {
  const member = await openStopped(realWorld, path);
  expect(member.findings.report()).toEqual({ verdict: 'ok', reasons: [] });
  await replay(member);
  const count = member.state.machine.space.present.countIn(prefixRange('/t/'));
  await closeStopped(member);
  return { 10: 'old', 20: 'new' }[count] ?? `${count} keys`;
}

const quiet: ConstructorParameters<typeof Replica>[2] = {
  applied: () => undefined,
  outcome: () => undefined,
  jumped: () => undefined,
  failed: (error) => {
    throw error;
  },
};

async function put(store: EmbeddedStore, name: string): Promise<void> {
  await store.txn({ compare: [], success: [{ kind: 'put', key: `/t/${name}`, value: Buffer.from(name) }] });
}
