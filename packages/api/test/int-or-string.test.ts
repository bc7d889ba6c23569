import { percentOf, scaledValue } from '@berth/api';
import { expect, test } from 'vitest';

test.each([
  { value: 3, total: 10, up: 3, down: 3 },
  { value: '25%', total: 10, up: 3, down: 2 },
  { value: '25%', total: 4, up: 1, down: 1 },
  { value: '0%', total: 10, up: 0, down: 0 },
  { value: '100%', total: 7, up: 7, down: 7 },
  { value: '33%', total: 100, up: 33, down: 33 },
])('$value of $total is $up rounded up and $down rounded down', ({ value, total, up, down }) => {
  expect(scaledValue(value, total, 'up')).toBe(up);
  expect(scaledValue(value, total, 'down')).toBe(down);
});

test('other texts are no share', () => {
  expect(percentOf('25')).toBeUndefined();
  expect(() => scaledValue('a quarter', 10, 'up')).toThrow('"25%" is wanted, got "a quarter"');
});
