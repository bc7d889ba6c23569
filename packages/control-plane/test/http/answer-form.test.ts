import { expect, test } from 'vitest';
import { chooseForm } from '../../src/http/answer-form.ts';

const table = (version: string) => `application/json;as=Table;v=${version};g=meta.k8s.io`;

test.each([
  [undefined, { kind: 'object', encoding: 'json' }],
  ['*/*', { kind: 'object', encoding: 'json' }],
  ['application/json, */*', { kind: 'object', encoding: 'json' }],
  ['application/vnd.kubernetes.protobuf,application/json', { kind: 'object', encoding: 'json' }],
  ['application/vnd.kubernetes.protobuf, */*', { kind: 'object', encoding: 'json' }],
  ['application/yaml', { kind: 'object', encoding: 'yaml' }],
  ['text/html, application/yaml;q=0.9, application/json;q=0.8', { kind: 'object', encoding: 'yaml' }],
  [`${table('v1')},${table('v1beta1')},application/json`, { kind: 'table', encoding: 'json', version: 'v1' }],
  [`${table('v1beta1')},application/json`, { kind: 'table', encoding: 'json', version: 'v1beta1' }],
  [`${table('v9')},application/json`, { kind: 'object', encoding: 'json' }],
  [
    'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
    { kind: 'metadata', encoding: 'json', version: 'v1' },
  ],
  ['application/json; charset="utf-8"', { kind: 'object', encoding: 'json' }],
])('Accept %s', (accept, form) => {
  expect(chooseForm(accept)).toEqual(form);
});

test.each(['application/vnd.kubernetes.protobuf', 'text/html', table('v9'), 'application/json;q=0'])(
  'nothing of %s is served',
  (accept) => {
    expect(chooseForm(accept)).toBeUndefined();
  },
);

test('what is no object of a kind has no table', () => {
  expect(chooseForm(`${table('v1')},application/json`, { transformed: false })).toEqual({
    kind: 'object',
    encoding: 'json',
  });
  expect(chooseForm(table('v1'), { transformed: false })).toBeUndefined();
});
