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

  test('a pause of half a second in every second is no sustained lag, one in every 700 ms is', () => {
    for (let i = 0; i < 100; i++) {
      ticks(1, 450);
      ticks(10, 0);
    }
    expect(health.sustainedMs).toBe(0);
    for (let i = 0; i < 20; i++) {
      ticks(1, 350);
      ticks(6, 0);
    }
    expect(health.sustainedMs).toBe(350);
  });

  test('a thread that is late with every tick lags by as much', () => {
    ticks(20, 300);
    expect(health.sustainedMs).toBe(300);
  });

  test('the first ticks of a process prove nothing', () => {
    ticks(4, 2_000);
    expect(health.sustainedMs).toBe(0);
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
