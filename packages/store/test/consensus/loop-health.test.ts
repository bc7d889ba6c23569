import { realWorld } from '@berth/world';
import { beforeEach, describe, expect, test } from 'vitest';
import { LoopHealth } from '../../src/consensus/loop-health.ts';

let nowMs = 0;
const world = { ...realWorld, clock: { ...realWorld.clock, monotonicMs: () => nowMs } };
let health: LoopHealth;

beforeEach(() => {
  nowMs = 0;
  health = new LoopHealth(world, 50);
});

describe('how late a thread is', () => {
  test('nothing, while its ticks are in time', () => {
    ticks(200, 0);
    expect(health.p99Ms).toBe(0);
  });

  test('nothing, when it paused twice in ten seconds: that is the collection of garbage', () => {
    ticks(2, 400);
    ticks(180, 0);
    expect(health.p99Ms).toBe(0);
  });

  test('the third longest delay, when it lags again and again', () => {
    for (const lagMs of [300, 500, 400, 350]) {
      ticks(1, lagMs);
      ticks(20, 0);
    }
    expect(health.p99Ms).toBe(350);
  });

  test('what was ten seconds ago is forgotten', () => {
    ticks(5, 400);
    expect(health.p99Ms).toBe(400);
    ticks(201, 0);
    expect(health.p99Ms).toBe(0);
  });
});

function ticks(count: number, lagMs: number): void {
  for (let i = 0; i < count; i++) {
    nowMs += 50 + lagMs;
    health.note(lagMs);
  }
}
