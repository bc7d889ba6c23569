import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  cpuMillis,
  formatQuantity,
  parseQuantity,
  QuantityError,
  resourceAmount,
  wholeAmount,
} from '@berth/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';

test.each([
  ['0', '0'],
  ['0.0', '0'],
  ['1', '1'],
  ['+1', '1'],
  ['007', '7'],
  ['0.5', '500m'],
  ['1.5', '1500m'],
  ['1000m', '1'],
  ['1500m', '1500m'],
  ['100000', '100k'],
  ['1000k', '1M'],
  ['.5', '500m'],
  ['5.', '5'],
  ['-1.5', '-1500m'],
  ['1024Ki', '1Mi'],
  ['1000Ki', '1000Ki'],
  ['1.5Gi', '1536Mi'],
  ['0.5Ki', '512'],
  ['1023Ki', '1023Ki'],
  ['512', '512'],
  ['1E', '1E'],
  ['1e3', '1e3'],
  ['1E3', '1e3'],
  ['12e6', '12e6'],
  ['1e-3', '1e-3'],
  ['1000E', '1000E'],
  ['1n', '1n'],
  ['0.1n', '1n'],
  ['0.0000000001', '1n'],
  ['-0.0000000001', '-1n'],
  ['1000000n', '1m'],
  ['9223372036854775808Ki', '9223372036854775807'],
])('%s is written canonically as %s', (text, canonical) => {
  expect(canonicalQuantity(text)).toBe(canonical);
});

test.each([
  '',
  ' ',
  'x',
  '1 core',
  '1..2',
  '1.2.3',
  '1KI',
  '1mi',
  '1Zi',
  'Ki',
  '--1',
  '1e',
  '1e1000',
  '0x10',
  '1,5',
  'e3',
  '.',
  '+',
  `1${'0'.repeat(70)}`,
])('%j is no quantity, and the message shows it', (text) => {
  expect(() => parseQuantity(text)).toThrow(QuantityError);
  expect(() => parseQuantity(text)).toThrow(JSON.stringify(text));
});

const anyQuantity = fc
  .tuple(
    fc.bigInt(-(10n ** 20n), 10n ** 20n),
    fc.constantFrom('decimal' as const, 'binary' as const, 'exponent' as const),
  )
  .map(([nanos, style]) => ({ nanos, style }));

test('what is printed parses to the same amount', () => {
  fc.assert(
    fc.property(anyQuantity, (quantity) => {
      expect(parseQuantity(formatQuantity(quantity)).nanos).toBe(quantity.nanos);
    }),
  );
});

test('a canonical text is its own canonical text', () => {
  fc.assert(
    fc.property(anyQuantity, (quantity) => {
      const text = formatQuantity(quantity);
      expect(canonicalQuantity(text)).toBe(text);
    }),
  );
});

test('the quick way to canonical text agrees with the exact one', () => {
  const suffixes = ['', 'm', 'k', 'M', 'G', 'T', 'Ki', 'Mi', 'Gi', 'Ti'];
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 40 }), fc.constantFrom(...suffixes), (count, suffix) => {
      const text = `${count}${suffix}`;
      expect(canonicalQuantity(text)).toBe(formatQuantity(parseQuantity(text)));
    }),
  );
});

test('sums and comparisons are exact across styles', () => {
  const sum = addQuantities(parseQuantity('0.1'), parseQuantity('200m'));
  expect(formatQuantity(sum)).toBe('300m');
  expect(compareQuantities(parseQuantity('1Gi'), parseQuantity('1G'))).toBe(1);
  expect(compareQuantities(parseQuantity('1024Mi'), parseQuantity('1Gi'))).toBe(0);
  expect(compareQuantities(parseQuantity('-1'), parseQuantity('0'))).toBe(-1);
});

test.each([
  ['2', 2000],
  ['500m', 500],
  ['0.5', 500],
  ['0.0001', 1],
  ['1k', 1_000_000],
])('%s of cpu is %d thousandths of a core, rounded up', (text, millis) => {
  expect(cpuMillis(text)).toBe(millis);
});

test.each([
  ['1Ki', 1024],
  ['1.5Gi', 1_610_612_736],
  ['128974848', 128_974_848],
  ['129e6', 129_000_000],
  ['1500m', 2],
  ['8Ei', Number.MAX_SAFE_INTEGER],
])('%s is %d bytes, rounded up, and at most 2^53 - 1', (text, bytes) => {
  expect(wholeAmount(text)).toBe(bytes);
});

test('cpu is counted in thousandths, every other resource in units', () => {
  expect(resourceAmount('cpu', '1')).toBe(1000);
  expect(resourceAmount('memory', '1')).toBe(1);
  expect(resourceAmount('example.com/gpu', '2')).toBe(2);
});
