import { expect, test } from 'vitest';
import { codeOf, tablesOf } from './markdown.ts';
import { readSource } from './source-tree.ts';

const tables = tablesOf(readSource('docs/compose.md'));
const file = readSource('docker-compose.yml');

test('the page lists the variables of docker-compose.yml with their defaults', () => {
  const listed = tables
    .filter(({ columns }) => columns[0] === 'variable')
    .flatMap(({ rows }) => rows.map(([name = '', , value = '']) => `${codeOf(name)}=${codeOf(value)}`));
  const used = [...file.matchAll(/\$\{([A-Z_]+):-([^}]*)\}/g)].map(([, name, value]) => `${name}=${value}`);
  expect([...new Set(used)].sort()).toEqual(listed.sort());
});

test('the page names every service', () => {
  const section = /^services:\n([\s\S]*?)^\S/m.exec(file)?.[1] ?? '';
  const services = [...section.matchAll(/^ {2}([a-z0-9-]+):/gm)].map(([, name = '']) => name);
  const named = tables
    .filter(({ columns }) => columns[0] === 'service')
    .flatMap(({ rows }) =>
      rows.flatMap(([cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)),
    );
  expect(named.sort()).toEqual(services.sort());
});
