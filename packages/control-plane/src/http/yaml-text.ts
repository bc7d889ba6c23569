import { badRequest } from '@berth/api';
import { type Document, isMap, isScalar, isSeq, type Node, parseAllDocuments, type Tags } from 'yaml';

/** Aliases may multiply a small text into a large one; more expansions than this are refused. */
const aliasesMax = 100;

/**
 * Kubernetes speaks YAML 1.1 (`yes` is true, `0777` is 511), but its parser knows neither sexagesimal numbers nor dates:
 * `12:30` and `2026-01-01` stay text.
 */
const dialect = {
  version: '1.1',
  customTags: (tags: Tags): Tags =>
    tags
      .filter((tag) => typeof tag === 'string' || !['intTime', 'floatTime'].includes(tag.format ?? ''))
      .filter((tag) => typeof tag === 'string' || (tag.tag !== 'tag:yaml.org,2002:timestamp' && tag.format !== 'TIME')),
} as const;

/** One document as plain values, and the paths of keys that stand twice in one map (the last one counts). */
export function parseYaml(text: string): { readonly value: unknown; readonly duplicates: readonly string[] } {
  const documents = parseAllDocuments(text, { ...dialect, uniqueKeys: false, merge: true });
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (document === undefined) throw badRequest('error parsing YAML: the body is empty');
  if (second !== undefined) throw badRequest('error parsing YAML: one document is wanted, got several');
  const [error] = document.errors;
  if (error !== undefined) throw badRequest(`error converting YAML to JSON: yaml: ${error.message.split('\n')[0]}`);
  const duplicates: string[] = [];
  collectDuplicates(document.contents, '', duplicates);
  return { value: plainValue(document), duplicates };
}

function plainValue(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: aliasesMax });
  } catch (error) {
    throw badRequest(`error converting YAML to JSON: yaml: ${(error as Error).message}`);
  }
}

function collectDuplicates(node: Node | null | undefined | unknown, path: string, found: string[]): void {
  if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) collectDuplicates(item, `${path}[${index}]`, found);
    return;
  }
  if (!isMap(node)) return;
  const seen = new Set<string>();
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : '';
    const place = path === '' ? name : `${path}.${name}`;
    if (seen.has(name) && name !== '<<') found.push(place);
    seen.add(name);
    collectDuplicates(value, place, found);
  }
}
