import { setImmediate as nextRoundOfEventLoop } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { emptyConfiguration, entryKinds, frameEntry, logIndex, type Proposal, term } from '@berth/raft';
import type { World } from '@berth/world';
import { expect, test } from 'vitest';
import { ClusterView } from '../../src/embedded/cluster-view.ts';
import { type Answer, Proposer } from '../../src/embedded/proposer.ts';
import { revision } from '../../src/revision.ts';

test('what is only slow is not sent again before it had a whole round, and then more and more rarely', async () => {
  const scene = await Scene.withSession();
  void scene.propose();
  const sentPerRound = [];
  for (let round = 0; round < 8; round++) {
    sentPerRound.push((await scene.sent()).length);
    scene.nextRound();
  }
  expect(sentPerRound).toEqual([1, 0, 1, 0, 0, 1, 0, 0]);
});

test('what was refused for a reason that passes is sent again in the next round', async () => {
  const scene = await Scene.withSession();
  void scene.propose();
  const [{ session, sequence } = none] = await scene.sent();
  scene.proposer.refused([{ session, sequence }], 'transferring');
  scene.nextRound();
  expect(await scene.sent()).toMatchObject([{ session, sequence }]);
});

test('a new leader is sent at once what waits, under the same name', async () => {
  const scene = await Scene.withSession();
  const answer = scene.propose();
  const [{ session, sequence } = none] = await scene.sent();
  scene.view.setRole({ role: 'follower', term: 2, leader: 3 });
  expect(await scene.sent()).toMatchObject([{ session, sequence }]);
  scene.compacted(session, sequence);
  expect(await answer).toEqual({ kind: 'compacted', to: 5 });
});

test('what one round of the event loop brings is sent together', async () => {
  const scene = await Scene.withSession();
  for (let each = 0; each < 3; each++) {
    void scene.propose();
    await undefined;
  }
  await scene.sent();
  expect(scene.batches.at(-1)).toBe(3);
});

test('what was given up before it was sent is not sent', async () => {
  const scene = await Scene.withSession();
  const first = scene.propose();
  const [{ sequence } = none] = await scene.sent();
  const second = scene.propose();
  await undefined;
  scene.proposer.applied(entryOf(ownSession, sequence), { kind: 'session-expired' });
  await expect(first).rejects.toThrow('may or may not have been');
  await expect(second).rejects.toThrow('may or may not have been');
  expect(await scene.sent()).toEqual([]);
});

const none = { session: 0, sequence: 0 };
const ownSession = 7;

/** A proposer whose rounds come when the test says so, and what it sends. */
class Scene {
  readonly view = new ClusterView();
  readonly proposer: Proposer;
  /** How many proposals were sent each time. */
  readonly batches: number[] = [];
  readonly #rounds = new Set<() => void>();
  #sent: Proposal[] = [];

  private constructor() {
    this.view.begin(1, emptyConfiguration, { verdict: 'ok', reasons: [] });
    this.view.setRole({ role: 'follower', term: 1, leader: 2 });
    this.proposer = new Proposer({
      world: this.#world(),
      view: this.view,
      electionMs: 1000,
      timeoutMs: 10_000,
      send: (proposals) => {
        this.#sent.push(...proposals);
        this.batches.push(proposals.length);
      },
    });
  }

  static async withSession(): Promise<Scene> {
    const scene = new Scene();
    const first = scene.propose();
    await scene.sent();
    scene.proposer.applied(entryOf(0, 0), { kind: 'session-opened', session: ownSession, nonce: 'nonce' });
    const [{ session, sequence } = none] = await scene.sent();
    scene.compacted(session, sequence);
    await first;
    return scene;
  }

  propose(): Promise<Answer> {
    return this.proposer.propose({ kind: 'compact', to: revision(5) });
  }

  compacted(session: number, sequence: number): void {
    this.proposer.applied(entryOf(session, sequence), { kind: 'compacted', to: revision(5) });
  }

  nextRound(): void {
    for (const round of [...this.#rounds]) round();
  }

  /** Since the last call. */
  async sent(): Promise<Proposal[]> {
    // What is proposed in one round of the event loop is sent at its end.
    for (let round = 0; round < 2; round++) await nextRoundOfEventLoop();
    const sent = this.#sent;
    this.#sent = [];
    return sent;
  }

  #world(): World {
    return {
      clock: { monotonicMs: () => 0, wallMs: () => 0 },
      timers: {
        after: () => ({ [Symbol.dispose]: () => undefined }),
        every: (_intervalMs, run) => {
          this.#rounds.add(run);
          return { [Symbol.dispose]: () => void this.#rounds.delete(run) };
        },
        sleep: () => new Promise(() => undefined),
      },
      random: { bytes: (count) => new Uint8Array(count), integer: () => 0, uuid: () => 'nonce' },
    };
  }
}

function entryOf(session: number, sequence: number) {
  const place = { index: logIndex(1), term: term(1), kind: entryKinds.command };
  return frameEntry(place, { session, sequence, ackedBelow: 1 }, new Uint8Array(), crc32);
}
