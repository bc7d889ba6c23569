import { expect, test } from 'vitest';
import { nextBackoffSeconds, restartDelaySeconds, retryDelayMs } from '../src/pod/restart-delay.ts';

test('delays double from 10 s to 5 minutes and stay there', () => {
  const series = [0];
  for (let restart = 0; restart < 7; restart += 1) series.push(nextBackoffSeconds(series.at(-1) ?? 0));
  expect(series).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
});

test.each([
  { what: 'a short run waits as was decided', ranMs: 599_999, delay: 40 },
  { what: 'ten minutes of running are forgiven', ranMs: 600_000, delay: 0 },
])('$what', ({ ranMs, delay }) => {
  expect(restartDelaySeconds({ startedAtMs: 1000, finishedAtMs: 1000 + ranMs, backoffSeconds: 40 })).toBe(delay);
});

test('a program that never ran waits as was decided', () => {
  expect(restartDelaySeconds({ finishedAtMs: 1_000_000_000, backoffSeconds: 20 })).toBe(20);
});

test('failures without a container are retried after 10 s at first', () => {
  expect([1, 2, 3, 6, 7].map(retryDelayMs)).toEqual([10_000, 20_000, 40_000, 300_000, 300_000]);
});
