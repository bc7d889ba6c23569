import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

/** Packs the original lists below the folder in the first argument into the files beside this one. */

const policies = ['DotProd', 'Clustering', 'Packing', 'BestFit', 'FGD'];
const target = import.meta.dirname;

function rows(file: string): readonly (readonly string[])[] {
  const text = gunzipSync(readFileSync(file)).toString();
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
}

function write(name: string, lines: readonly string[]): void {
  writeFileSync(join(target, name), gzipSync(`${lines.join('\n')}\n`, { level: 9 }));
}

/** The class of each row, and the lines that describe the classes. */
function classify(pods: readonly (readonly string[])[]): {
  readonly ofRow: readonly number[];
  readonly lines: readonly string[];
} {
  const numbers = new Map<string, number>();
  const counts: number[] = [];
  const ofRow = pods.map((row) => {
    const key = [row[1], row[2], row[3], row[4], row[5] ?? ''].join(',');
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    counts[number] = (counts[number] ?? 0) + 1;
    return number;
  });
  return { ofRow, lines: [...numbers].map(([key, number]) => `class,${key},${counts[number]}`) };
}

function pack(source: string): void {
  mkdirSync(join(target, 'traces'), { recursive: true });
  write(
    'nodes.csv.gz',
    rows(join(source, 'openb_node_list_gpu_node.csv.gz')).map((row) => row.join(',')),
  );
  for (const file of readdirSync(join(source, 'orders')).sort()) {
    const trace = basename(file, '.csv.gz');
    const pods = rows(join(source, 'pods', `openb_pod_list_${trace}.csv.gz`));
    const { ofRow, lines } = classify(pods);
    const orders = rows(join(source, 'orders', file)).map(([seed, kind, indices = '']) => {
      const numbers = indices.split(' ').map(Number);
      return `${kind},${seed},${(kind === 'pods' ? numbers.map((row) => ofRow[row]) : numbers).join(' ')}`;
    });
    write(join('traces', `${trace}.csv.gz`), [...lines, ...orders]);
    if (trace !== 'default') continue;
    const times = pods.map((row, at) => ({ line: `${ofRow[at]},${row[8]},${row[9]}`, created: Number(row[8]) }));
    times.sort((left, right) => left.created - right.created);
    write(
      'times.csv.gz',
      times.map(({ line }) => line),
    );
  }
  const published = rows(join(source, 'published.csv.gz')).filter(
    ([trace, policy = '', seed, metric]) =>
      metric === 'alloc_pct' && policies.includes(policy) && (trace === 'default' || Number(seed) <= 44),
  );
  write(
    'published.csv.gz',
    published.map(([trace, policy, seed, , ...values]) => [trace, policy, seed, ...values].join(',')),
  );
}

pack(process.argv[2] ?? '.');
