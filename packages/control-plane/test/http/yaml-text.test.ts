import { ApiError } from '@berth/api';
import { expect, test } from 'vitest';
import { parseYaml } from '../../src/http/yaml-text.ts';

test('the YAML of Kubernetes is 1.1 without its times', () => {
  const { value } = parseYaml('on: yes\nmode: 0777\ntime: 12:30\nday: 2026-01-01\ntext: "yes"\nlist:\n- 1\n- ~\n');
  expect(value).toEqual({ true: true, mode: 511, time: '12:30', day: '2026-01-01', text: 'yes', list: [1, null] });
});

test('names keys that stand twice by their path', () => {
  const { value, duplicates } = parseYaml('a: 1\nspec:\n  items:\n  - name: p\n    name: q\na: 2\n');
  expect(duplicates).toEqual(['spec.items[0].name', 'a']);
  expect(value).toEqual({ a: 2, spec: { items: [{ name: 'q' }] } });
});

test.each([
  ['broken', 'a: [1,\nb: 2'],
  ['empty', ''],
  ['several documents', 'a: 1\n---\nb: 2\n'],
  [
    'a bomb of aliases',
    `a: &a [${'x,'.repeat(9)}x]\nb: &b [${'*a,'.repeat(9)}*a]\nc: &c [${'*b,'.repeat(9)}*b]\nd: [${'*c,'.repeat(9)}*c]\n`,
  ],
])('%s is a bad request', (_case, text) => {
  expect(() => parseYaml(text)).toThrow(ApiError);
});
