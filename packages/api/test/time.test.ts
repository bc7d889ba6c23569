import { formatAge, formatDuration, formatMicroTime, formatTime, parseTime } from '@berth/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';

test.each([
  [0, '1970-01-01T00:00:00Z'],
  [1_709_164_799_999, '2024-02-28T23:59:59Z'],
  [1_709_164_800_000, '2024-02-29T00:00:00Z'],
  [951_782_400_000, '2000-02-29T00:00:00Z'],
  [-1000, '1969-12-31T23:59:59Z'],
  [4_102_444_800_000, '2100-01-01T00:00:00Z'],
])('%d ms are %s', (wallMs, text) => {
  expect(formatTime(wallMs)).toBe(text);
});

test('times agree with the calendar of the language over three thousand years', () => {
  fc.assert(
    fc.property(fc.integer({ min: -30_000_000_000, max: 64_000_000_000 }), (seconds) => {
      const text = new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
      expect(formatTime(seconds * 1000)).toBe(text);
      expect(parseTime(text)).toBe(seconds * 1000);
    }),
  );
});

test('micro times keep six digits', () => {
  expect(formatMicroTime(1_700_000_000_123)).toBe('2023-11-14T22:13:20.123000Z');
  expect(formatMicroTime(parseTime('2023-11-14T22:13:20.123456Z') ?? 0)).toBe('2023-11-14T22:13:20.123456Z');
});

test('offsets are turned into UTC', () => {
  expect(parseTime('2023-11-15T00:13:20+02:00')).toBe(1_700_000_000_000);
  expect(parseTime('2023-11-14T20:13:20.5-02:00')).toBe(1_700_000_000_500);
});

test.each([
  '',
  'now',
  '2023-11-14',
  '2023-11-14 22:13:20Z',
  '2023-13-01T00:00:00Z',
  '2023-02-29T00:00:00Z',
  '2023-01-01T24:00:00Z',
  '2023-01-01T00:00:00',
])('%j is no time', (text) => {
  expect(parseTime(text)).toBeUndefined();
});

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

test.each([
  [-5 * second, '<invalid>'],
  [-1 * second, '0s'],
  [0, '0s'],
  [119 * second, '119s'],
  [2 * minute, '2m'],
  [3 * minute + 20 * second, '3m20s'],
  [10 * minute + 20 * second, '10m'],
  [179 * minute, '179m'],
  [3 * hour, '3h'],
  [5 * hour + 7 * minute, '5h7m'],
  [8 * hour + 7 * minute, '8h'],
  [47 * hour, '47h'],
  [48 * hour, '2d'],
  [52 * hour, '2d4h'],
  [8 * day + 5 * hour, '8d'],
  [729 * day, '729d'],
  [730 * day, '2y'],
  [800 * day, '2y70d'],
  [9 * 365 * day + day, '9y'],
])('%d ms ago is printed as %s', (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});

test('an object without a time has no age', () => {
  expect(formatAge(undefined, 0)).toBe('<unknown>');
  expect(formatAge('1970-01-01T00:00:00Z', 5000)).toBe('5s');
});
