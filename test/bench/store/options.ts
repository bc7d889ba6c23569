import { parseArgs } from 'node:util';
import type { Extent, Part } from './part.ts';
import { defaultPage } from './record.ts';

export interface BenchOptions {
  readonly extent: Extent;
  readonly parts: readonly Part[];
  /** Where both keep their data. */
  readonly folder: string;
  readonly output: string;
}

/** Numbers, all whole and at least 1: name, default, what it is. */
const numbers = {
  'warm-up': ['2', 'seconds before each run that do not count'],
  run: ['5', 'seconds that count'],
  pairs: ['3', 'runs of each engine'],
  kills: ['20', 'leaders to kill'],
  'election-minutes': ['2', 'minutes of load with pauses'],
  entries: ['200000', 'entries by which a follower is behind'],
  'state-mib': ['256', 'size of the state that a new member is given'],
  stalls: ['20', 'stalls of 500 ms of each kind'],
} as const;

type NumberName = keyof typeof numbers;

/** Undefined when only the usage was asked for. Throws a `RangeError` or what `parseArgs` throws. */
export function benchOptions(args: readonly string[], all: readonly Part[]): BenchOptions | undefined {
  const names = Object.keys(numbers) as NumberName[];
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
      only: { type: 'string', multiple: true, default: [] },
      folder: { type: 'string', default: '/var/tmp' },
      output: { type: 'string', default: defaultPage },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const given = values as Readonly<Partial<Record<NumberName, string>>>;
  const number = (name: NumberName): number => wholeNumber(name, given[name] ?? numbers[name][0]);
  return {
    extent: {
      warmUpMs: number('warm-up') * 1000,
      runMs: number('run') * 1000,
      pairs: number('pairs'),
      kills: number('kills'),
      electionMinutes: number('election-minutes'),
      entries: number('entries'),
      stateMiB: number('state-mib'),
      stalls: number('stalls'),
    },
    parts: chosen(all, [...values.only, ...positionals]),
    folder: values.folder,
    output: values.output,
  };
}

export function usage(all: readonly Part[]): string {
  const lines = (pairs: readonly (readonly [string, string])[]): string =>
    pairs.map(([name, text]) => `  ${name.padEnd(24)}${text}`).join('\n');
  const options = Object.entries(numbers).map(
    ([name, [byDefault, text]]) => [`--${name} N`, `${text} (${byDefault})`] as const,
  );
  return `Usage: npm run bench:store -- [options] [--only PART ...]

Measures Berth's store beside etcd on this machine and notes it in docs/benchmarks-store.md. Needs etcd and etcdctl; "links"
needs root. Exit code 1 when a gate of the first release is missed, 2 when the command line is wrong.

Parts:
${lines(all.map(({ name, about }) => [name, about]))}

Options:
${lines([
  ...options,
  ['--only PART ...', 'measures these parts only'],
  ['--folder FOLDER', 'on the disk to be measured (/var/tmp)'],
  ['--output FILE', 'page to note it in'],
  ['--help', 'prints this'],
])}
`;
}

function chosen(all: readonly Part[], names: readonly string[]): readonly Part[] {
  for (const name of names) {
    if (all.some((part) => part.name === name)) continue;
    throw new RangeError(`no part is called "${name}", expected one of: ${all.map((part) => part.name).join(', ')}`);
  }
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new RangeError(`--${name} must be a whole number >= 1, got "${text}"`);
  return number;
}
