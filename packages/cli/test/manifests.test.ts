import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadManifests, parseManifests } from '../src/client/manifests.ts';

function valueIn(text: string): unknown {
  const content = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\nv: ${text}\n`;
  return parseManifests('f.yaml', content)[0]?.object['v'];
}

/** What kubectl 1.33 makes of these (`create --dry-run=client --validate=false -o json`). */
test.each<[string, unknown]>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON', 'true', 'True', 'TRUE'].map((text): [string, unknown] => [
    text,
    true,
  ]),
  ...['n', 'N', 'no', 'NO', 'off', 'OFF', 'false', 'False', 'FALSE'].map((text): [string, unknown] => [text, false]),
  ...['yEs', 'tRue', 'nULL', '1e', '0x', '0xg', '0b12', '_1', '1e3x', '=', '--'].map((text): [string, unknown] => [
    text,
    text,
  ]),
  ...['~', 'null', 'Null', 'NULL', ''].map((text): [string, unknown] => [text, null]),
  ['0777', 511],
  ['0o777', 511],
  ['-0o17', -15],
  ['-0777', -511],
  ['0x1F', 31],
  ['+0x1f', 31],
  ['0b101', 5],
  ['1_000', 1000],
  ['08', 8],
  ['019', 19],
  ['12:30', '12:30'],
  ['190:20:30', '190:20:30'],
  ['190:20:30.15', '190:20:30.15'],
  ['1:2', '1:2'],
  ['.5', 0.5],
  ['1e3', 1000],
  ['1.5e+3', 1500],
  ['685_230.15', 685_230.15],
  ['1.', 1],
  ['2026-01-01', '2026-01-01'],
  ['2026-01-01T10:00:00Z', '2026-01-01T10:00:00Z'],
  ['2026-01-01 10:00:00', '2026-01-01 10:00:00'],
  ['1.2.3', '1.2.3'],
  ['10.0.0.1', '10.0.0.1'],
  ['1Gi', '1Gi'],
  ['500m', '500m'],
  ['"yes"', 'yes'],
  ['"0777"', '0777'],
  ["'it''s'", "it's"],
  ['"tab\\tx"', 'tab\tx'],
  ['!!str 123', '123'],
  ['!!int "12"', 12],
  ['!!binary aGFsbG8=', 'hallo'],
  ['{1: a, 1.5: b}', { '1': 'a', '1.5': 'b' }],
  ['{on: d}', { true: 'd' }],
  ['{<<: {k: v}, z: 1}', { k: 'v', z: 1 }],
  ['{<<: [{k: v}, {k: w, m: x}], z: 1}', { k: 'v', m: 'x', z: 1 }],
  ['|\n    line\n      two', 'line\n  two\n'],
  ['>-\n    a\n    b', 'a b'],
])('%j is read as kubectl reads it', (text, wanted) => {
  expect(valueIn(text)).toEqual(wanted);
});

test('several documents, empty ones among them, and Lists taken apart, in order', () => {
  const content = `---
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
---
---
# nothing
---
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Secret, metadata: {name: b}}
  - {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, metadata: {name: c}}]}
`;
  const objects = parseManifests('all.yaml', content);
  expect(objects.map(({ object }) => `${object.kind}/${object.metadata.name}`)).toEqual([
    'ConfigMap/a',
    'Secret/b',
    'Pod/c',
  ]);
});

test('JSON is YAML', () => {
  const [manifest] = parseManifests('a.json', '{"apiVersion": "v1",\t"kind": "Pod", "metadata": {"name": "a"}}');
  expect(manifest?.object.kind).toBe('Pod');
});

test.each([
  ['a bad indent', 'apiVersion: v1\nkind: Pod\n metadata: {}\n', 'f.yaml:2:7: Nested mappings'],
  ['a tab', 'apiVersion: v1\nkind: Pod\nmetadata:\n\tname: a\n', 'f.yaml:4:1: Tabs are not allowed as indentation'],
  ['a key twice', 'apiVersion: v1\nkind: Pod\nkind: Pod\n', 'f.yaml:3:1: Map keys must be unique'],
  ['an unclosed bracket', 'apiVersion: v1\nkind: Pod\nmetadata: {name: a\n', 'f.yaml:4:1: '],
  ['a text', 'hello\n', 'f.yaml:1:1: an object with apiVersion and kind must stand here, got "hello"'],
  ['a list', '- a\n', 'f.yaml:1:1: an object with apiVersion and kind must stand here, got ["a"]'],
  ['no kind', '\napiVersion: v1\n', 'f.yaml:2:1: the object needs kind, a text, got nothing'],
  ['no apiVersion', 'kind: Pod\n', 'f.yaml:1:1: the object needs apiVersion, a text, got nothing'],
  ['no name', 'apiVersion: v1\nkind: Pod\n', 'f.yaml:1:1: Pod needs metadata.name, a text, got nothing'],
  [
    'a name that is a number',
    '---\napiVersion: v1\nkind: Pod\nmetadata: {name: 7}\n',
    'f.yaml:2:1: Pod needs metadata.name, a text, got 7',
  ],
  [
    'a second document without a kind',
    'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\napiVersion: v1\n',
    'f.yaml:5:1: the object needs kind',
  ],
  [
    'an item without a kind',
    'apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n',
    'f.yaml:4:5: the object needs',
  ],
])('%s is refused with file, line and column', (_title, content, message) => {
  expect(() => parseManifests('f.yaml', content)).toThrow(message);
});

test('more aliases than a document needs are refused', () => {
  const ten = (alias: string): string => `[${Array.from({ length: 10 }, () => alias).join(', ')}]`;
  const content = `apiVersion: v1
kind: ConfigMap
metadata: {name: a}
a: &a ${ten('x')}
b: &b ${ten('*a')}
c: &c ${ten('*b')}
d: &d ${ten('*c')}
`;
  expect(() => parseManifests('bomb.yaml', content)).toThrow('bomb.yaml: Excessive alias count');
});

test.each([
  ['spec.containers[0].image', 'f.yaml:10:7'],
  ['spec.containers[0].resources.limits', 'f.yaml:9:7'],
  ['spec.containers[3].image', 'f.yaml:8:3'],
  ['metadata.labels[app.kubernetes.io/name]', 'f.yaml:6:5'],
  ['metadata.namespace', 'f.yaml:3:1'],
  ['', 'f.yaml:1:1'],
])('%s stands at %s', (field, place) => {
  const content = `apiVersion: v1
kind: Pod
metadata:
  name: a
  labels:
    app.kubernetes.io/name: a
spec:
  containers:
    - name: web
      image: "web:1"
`;
  const [manifest] = parseManifests('f.yaml', content);
  expect(manifest?.locate(field)).toBe(place);
});

test('a folder stands for its manifests in order of their names; standard input is -', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'berth-manifests-'));
  try {
    const object = (name: string): string =>
      `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "${name}"}}`;
    await writeFile(join(folder, '2.yaml'), object('second'));
    await writeFile(join(folder, '1.json'), object('first'));
    await writeFile(join(folder, 'notes.txt'), 'nothing');
    const input = [Buffer.from(object('third'))].values();
    const manifests = await loadManifests([folder, '-'], input as unknown as AsyncIterable<Uint8Array>);
    expect(manifests.map(({ object: { metadata } }) => metadata.name)).toEqual(['first', 'second', 'third']);
    expect(manifests[2]?.source).toBe('standard input');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('files without objects are a mistake', async () => {
  const empty = [Buffer.from('# nothing\n')].values();
  await expect(loadManifests(['-'], empty as unknown as AsyncIterable<Uint8Array>)).rejects.toThrow('-: no objects');
});
