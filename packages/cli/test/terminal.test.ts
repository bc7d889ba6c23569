import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { outline } from '../src/commands/outline.ts';
import { terminalSteps } from '../src/terminal/steps.ts';
import { columnWidths, formatRow, formatTable } from '../src/terminal/table.ts';
import { streamTerminal } from '../src/terminal/terminal.ts';

function screen(options: {
  readonly isTTY: boolean;
  readonly columns?: number;
  readonly env?: Record<string, string>;
}) {
  const output = Object.assign(new PassThrough(), { isTTY: options.isTTY, columns: options.columns ?? 80 });
  const errors = new PassThrough();
  const terminal = streamTerminal({ output, errors, env: options.env ?? {} });
  return { terminal, text: () => String(output.read() ?? '') };
}

test('columns align, three spaces apart, colours not counted, no spaces at the end', () => {
  expect(
    formatTable([
      ['NAME', 'STATE', 'NOTE'],
      ['a', '\u001b[32mready\u001b[39m', ''],
      ['longer-name', 'x', 'y'],
    ]),
  ).toEqual(['NAME          STATE   NOTE', 'a             \u001b[32mready\u001b[39m', 'longer-name   x       y']);
});

test('a later row keeps the widths of its table', () => {
  const widths = columnWidths([['NAME', 'AGE']]);
  expect(formatRow(['a', '1s'], widths)).toBe('a      1s');
  expect(formatRow(['longer', '1s'], widths)).toBe('longer   1s');
});

test('on a terminal running steps stand in one line that changes; the end of each is a line', async () => {
  const { terminal, text } = screen({ isTTY: true, env: { NO_COLOR: '1' } });
  const steps = terminalSteps(terminal, { monotonicMs: () => 0, wallMs: () => 0 });
  const first = Promise.withResolvers<void>();
  const one = steps.run('one', () => first.promise);
  const two = steps.run('two', async (progress) => progress('half'));
  await two;
  expect(text()).toBe('… one\r\u001b[2K… one | two\r\u001b[2K… one | two: half\r\u001b[2K✓ two half 0.0 s\n… one');
  first.resolve();
  await one;
  expect(text()).toBe('\r\u001b[2K✓ one 0.0 s\n');
});

test('elsewhere only ended steps are printed, without colours and control characters', async () => {
  const { terminal, text } = screen({ isTTY: false });
  const steps = terminalSteps(terminal, { monotonicMs: () => 0, wallMs: () => 0 });
  await steps.run('one', async (progress) => progress('4 of 4'));
  await expect(steps.run('two', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(text()).toBe('✓ one 4 of 4 0.0 s\n✗ two 0.0 s\n');
});

test('a status line is cut to the width of the terminal, since a wrapped one could not be taken back', () => {
  const { terminal, text } = screen({ isTTY: true, columns: 10, env: { NO_COLOR: '1' } });
  terminal.status('0123456789abcdef');
  expect(text()).toBe('01234567…');
});

test('colours only on a terminal, and not against the will of the user', () => {
  expect(screen({ isTTY: true }).terminal.style('red', 'x')).toBe('\u001b[31mx\u001b[39m');
  expect(screen({ isTTY: true, env: { NO_COLOR: '1' } }).terminal.style('red', 'x')).toBe('x');
  expect(screen({ isTTY: false }).terminal.style('red', 'x')).toBe('x');
  expect(screen({ isTTY: true, env: { TERM: 'dumb' } }).terminal.isInteractive).toBe(false);
});

test('an outline: fields, lists by name, long texts with their lines, nothing for nothing', () => {
  const value = {
    containers: [{ name: 'web', args: ['a', 'b'], ports: [{ containerPort: 80 }] }],
    script: 'line 1\nline 2\n',
    empty: {},
    none: null,
    list: [],
  };
  expect(outline('spec', value, 0)).toEqual([
    'spec:',
    '  containers:',
    '    web:',
    '      name: web',
    '      args: a, b',
    '      ports:',
    '        1:',
    '          containerPort: 80',
    '  script:',
    '    | line 1',
    '    | line 2',
    '  empty: <empty>',
  ]);
});
