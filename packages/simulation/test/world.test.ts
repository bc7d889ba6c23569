import { expect, test } from 'vitest';
import { Dice, EventQueue, TraceHash } from '../src/index.ts';

test('equal seeds and streams roll equal dice, others do not', () => {
  const roll = (seed: number, stream: string) => {
    const dice = new Dice(seed, stream);
    return Array.from({ length: 20 }, () => dice.uint32());
  };
  expect(roll(7, 'network')).toEqual(roll(7, 'network'));
  expect(roll(7, 'network')).not.toEqual(roll(8, 'network'));
  expect(roll(7, 'network')).not.toEqual(roll(7, 'disk'));
});

test('dice stay in their bounds and reach them', () => {
  const dice = new Dice(3, 'bounds');
  const rolls = Array.from({ length: 2_000 }, () => dice.between(2, 5));
  expect(new Set(rolls)).toEqual(new Set([2, 3, 4, 5]));
  const spread = Array.from({ length: 2_000 }, () => dice.magnitude(0.1, 1_000));
  expect(Math.min(...spread)).toBeGreaterThanOrEqual(0.1);
  expect(Math.max(...spread)).toBeLessThanOrEqual(1_000);
  expect(spread.filter((value) => value < 10).length).toBeGreaterThan(800);
});

test('events happen in order of time, and those of one moment in order of scheduling', () => {
  const queue = new EventQueue();
  const happened: string[] = [];
  const note = (name: string) => () => happened.push(`${name}@${queue.nowUs}`);
  queue.after(30, note('c'));
  queue.after(10, note('a'));
  queue.after(30, note('d'));
  queue.after(20, () => {
    note('b')();
    queue.after(0, note('b2'));
    queue.at(5, note('late'));
  });
  queue.runUntil(30);
  queue.after(1, note('never'));
  expect(happened).toEqual(['a@10', 'b@20', 'b2@20', 'late@20', 'c@30', 'd@30']);
  expect(queue.executed).toBe(6);
});

test('a trace hash depends on every value and on their order', () => {
  const hash = (...values: number[]) => {
    const trace = new TraceHash();
    for (const value of values) trace.add(value);
    return trace.hex;
  };
  expect(hash(1, 2, 3)).toBe(hash(1, 2, 3));
  expect(new Set([hash(1, 2, 3), hash(1, 3, 2), hash(1, 2), hash(1, 2, 4)]).size).toBe(4);
});
