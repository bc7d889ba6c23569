import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tablesOf } from './markdown.ts';
import { readCode, readSource, root, sourceFiles } from './source-tree.ts';

/** The only allowed edges between packages (docs: ARCHITECTURE.md). Adding one is a visible decision. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  api: [],
  raft: [],
  world: [],
  wire: [],
  scheduler: ['api'],
  controllers: ['api'],
  store: ['raft', 'wire', 'world'],
  'control-plane': ['api', 'controllers', 'raft', 'scheduler', 'store', 'wire', 'world'],
  'node-agent': ['api', 'wire', 'world'],
  simulation: ['api', 'control-plane', 'controllers', 'node-agent', 'raft', 'scheduler', 'store', 'wire', 'world'],
  cli: ['api', 'control-plane', 'node-agent', 'store', 'wire', 'world'],
};

const files = sourceFiles();
const importOf = /(?:from\s+|import\(\s*|^import\s+)'([^']+)'/gm;

function imports(file: string): readonly string[] {
  return [...readSource(file).matchAll(importOf)].map((match) => match[1] ?? '');
}

test('every package stands in the table of edges', () => {
  expect(Object.keys(mayImport).sort()).toEqual(readdirSync(`${root}packages`).sort());
});

test('the table of packages in ARCHITECTURE.md says the same', () => {
  const [table] = tablesOf(readSource('ARCHITECTURE.md')).filter(({ columns }) => columns[0] === 'package');
  const rows = (table?.rows ?? []).map(([name = '', , edges = '']) => ({ name: name.replaceAll('`', ''), edges }));
  const described = rows.map(({ name, edges }, index) => {
    const named = [...edges.matchAll(/`([a-z-]+)`/g)].map(([, edge = '']) => edge);
    return [name, (edges === 'all above' ? rows.slice(0, index).map((row) => row.name) : named).sort()];
  });
  expect(Object.fromEntries(described)).toEqual(mayImport);
});

test.each(Object.entries(mayImport))('%s imports only what lies below it', (name, allowed) => {
  for (const file of files.filter((each) => each.startsWith(`packages/${name}/src/`) && each.endsWith('.ts'))) {
    for (const target of imports(file)) {
      if (target.startsWith('@berth/')) {
        expect(allowed, `${file} imports ${target}`).toContain(target.slice('@berth/'.length));
      }
      expect(target, `${file} reaches into another package`).not.toMatch(
        /\.\.\/(?:\.\.\/)*(?:packages|[a-z-]+\/src)\//,
      );
    }
  }
});

test.each(['api', 'raft', 'scheduler', 'controllers'])('%s is pure: no input, output, clock or randomness', (name) => {
  const forbidden =
    /\b(?:Date\.now|new Date\(\)|Math\.random|performance\.|process\.|setTimeout|setInterval|setImmediate|queueMicrotask|globalThis\.)/;
  for (const file of files.filter((each) => each.startsWith(`packages/${name}/src/`) && each.endsWith('.ts'))) {
    for (const target of imports(file)) {
      expect(
        target.startsWith('./') || target.startsWith('../') || target.startsWith('@berth/'),
        `${file} imports ${target}`,
      ).toBe(true);
    }
    const code = readCode(file);
    expect(code.match(forbidden)?.[0], `${file} is not pure`).toBeUndefined();
  }
});
