import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { dataCenter, milliseconds, oneOf, percent, seconds, wholeNumber } from '../src/commands/flag-values.ts';

// Processes and sockets, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function berth(...args: readonly string[]): Ended {
  const env = { PATH: process.env['PATH'], HOME: '/nowhere', BERTH_DEV_DIR: '/nowhere/dev' };
  const { status, stderr, stdout } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', env });
  return { code: status, out: stdout, err: stderr };
}

test.each([
  [['gte'], "berth: unknown command 'gte'\n(Did you mean get?)\n(`--help` tells how it is used)\n"],
  [['get', 'pods', '--outptu', 'yaml'], "berth: unknown option '--outptu'\n(Did you mean --output?)\n"],
  [['get'], "berth: missing required argument 'types'"],
  [['get', 'pods', '-o', 'xml'], 'wanted one of wide, yaml, json, name, got "xml"'],
  [['apply'], "berth: required option '-f, --filename <file...>' not specified"],
  [['dev', 'upp'], "berth: unknown command 'upp'\n(Did you mean up?)\n"],
  [['dev', 'up', '--nodes', 'two'], 'wanted a whole number, got "two"'],
  [['token', 'create', '--role', 'king'], 'wanted one of server, agent, got "king"'],
  [['get', 'pods'], 'berth: no kubeconfig found: start a local cluster with `berth dev up`'],
  [['dev', 'status'], 'berth: there is no local cluster; `berth dev up` starts one'],
  [['kubeconfig', '--data-dir', '/nowhere'], 'berth: /nowhere/admin.kubeconfig is not there'],
])('berth %j ends with a sentence', (args, sentence) => {
  const { code, err, out } = berth(...args);
  expect(err).toContain(sentence);
  expect([code, out]).toEqual([1, '']);
});

test.each([
  [['--help'], /Usage: berth .*\n[\s\S]*\n {2}dev .*\n[\s\S]*\n {2}apply /],
  [['--version'], /^\d+\.\d+\.\d+\n$/],
  [['server', '--help'], /Usage: berth server[\s\S]*--data-dir/i],
  [['agent', '--help'], /usage: berth agent[\s\S]*--data-dir/i],
  [['dev', 'up', '--help'], /--isolated/],
])('berth %j prints to standard output', (args, text) => {
  const { code, err, out } = berth(...args);
  expect(out).toMatch(text);
  expect([code, err]).toEqual([0, '']);
});

test.each<[(text: string) => unknown, string, unknown]>([
  [wholeNumber, '12', 12],
  [oneOf(['a', 'b']), 'b', 'b'],
  [milliseconds, '40ms', 40],
  [milliseconds, '1.5s', 1_500],
  [percent, '0.5%', 0.5],
  [seconds, '90m', 5_400],
  [seconds, '7d', 604_800],
  [dataCenter, 'dc-2', 2],
  [dataCenter, '12', 12],
])('%o reads %j as %j', (read, text, value) => {
  expect(read(text)).toBe(value);
});

test.each<[(text: string) => unknown, string, string]>([
  [wholeNumber, '-1', 'a whole number, got "-1"'],
  [wholeNumber, '1.5', 'a whole number, got "1.5"'],
  [milliseconds, '40', 'a time such as 40ms, at most 10s, got "40"'],
  [milliseconds, '11s', 'at most 10s'],
  [percent, '101%', 'a share such as 1%, got "101%"'],
  [seconds, '90', 'a time such as 90m, 24h or 7d, got "90"'],
  [dataCenter, 'here', 'a data center such as dc-2 or 2, got "here"'],
])('%o refuses %j', (read, text, message) => {
  expect(() => read(text)).toThrow(message);
});
