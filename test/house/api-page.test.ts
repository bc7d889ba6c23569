import { kinds, type Message } from '@berth/api';
import { expect, test } from 'vitest';
import { codeOf, tablesOf } from './markdown.ts';
import { readSource } from './source-tree.ts';

const tables = tablesOf(readSource('docs/api.md'));

function rowsUnder(heading: string): readonly (readonly string[])[] {
  const table = tables.find((each) => each.heading === heading);
  if (table === undefined) throw new Error(`docs/api.md has no table under "${heading}"`);
  return table.rows;
}

const words = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '');

test('the page lists every kind with its short names, scope and sub-resources', () => {
  const listed = rowsUnder('Kinds').map(([kind = '', resource = '', short = '', scope = '', sub = '']) => [
    codeOf(kind),
    codeOf(resource),
    words(short),
    scope,
    words(sub),
  ]);
  const served = kinds.map(({ apiVersion, kind, namespaced, plural, shortNames, subresources }) => [
    `${apiVersion} ${kind}`,
    plural,
    [...shortNames],
    namespaced ? 'namespace' : 'cluster',
    subresources.map(({ name }) => name),
  ]);
  expect(listed).toEqual(served);
});

test('the page names the verbs that a kind lacks, and no others', () => {
  const everyVerb = new Set(kinds.flatMap(({ verbs }) => verbs));
  const lacking = kinds.flatMap(({ kind, verbs }) =>
    [...everyVerb].filter((verb) => !verbs.includes(verb)).map((verb) => `${kind} ${verb}`),
  );
  expect(
    rowsUnder('Verbs that a kind lacks').map(([kind = '', verb = '']) => `${codeOf(kind)} ${codeOf(verb)}`),
  ).toEqual(lacking);
});

test('the page names every field that is refused', () => {
  const listed = rowsUnder('Fields that are refused').flatMap(([fields = '']) => words(fields));
  expect([...listed].sort()).toEqual([...refusedFields()].sort());
});

/** Every field of a stored kind that says why it is refused, as `Message.field`. */
function refusedFields(): ReadonlySet<string> {
  const found = new Set<string>();
  const seen = new Set<Message<object>>();
  const visit = (message: Message<object>): void => {
    if (seen.has(message)) return;
    seen.add(message);
    for (const field of message.fieldList) {
      if (field.refused !== undefined) found.add(`${message.name.split('.').at(-1)}.${field.name}`);
      else for (const inner of messagesIn(field.type)) visit(inner);
    }
  };
  for (const { message } of kinds) visit(message as unknown as Message<object>);
  return found;
}

type FieldType = Message<object>['fieldList'][number]['type'];

function messagesIn(type: FieldType): readonly Message<object>[] {
  switch (type.kind) {
    case 'message':
      return [type.message];
    case 'list':
    case 'map':
      return messagesIn(type.of);
    default:
      return [];
  }
}
