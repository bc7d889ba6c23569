import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  type Document,
  type DocumentOptions,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParseOptions,
  parseAllDocuments,
  type ScalarTag,
  type SchemaOptions,
  type Tags,
} from 'yaml';

export interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** One object of a file, and where its fields stand in there. */
export interface Manifest {
  /** The file as it was named. */
  readonly source: string;
  readonly object: ManifestObject;
  /**
   * `file:line:column` of a field as validation names it (`spec.containers[0].image`); of the nearest field around it when it is not
   * written down.
   */
  locate(fieldPath: string): string;
}

/** Integers as YAML 1.2 writes them in base 8, which kubectl takes too. */
const octal: ScalarTag = {
  identify: () => false,
  default: true,
  tag: 'tag:yaml.org,2002:int',
  test: /^[-+]?0o[0-7]+$/,
  resolve: (text) => Number(text.replace(/^[-+]/, '')) * (text.startsWith('-') ? -1 : 1),
};

/** A JSON object has no bytes: they are the text that they spell. */
const binary: ScalarTag = {
  identify: () => false,
  tag: 'tag:yaml.org,2002:binary',
  resolve: (text) => Buffer.from(text, 'base64').toString('utf8'),
};

const isUnwanted = (tag: Tags[number]): boolean =>
  typeof tag === 'object' && (/timestamp|binary/.test(tag.tag) || ('format' in tag && tag.format === 'TIME'));

/** Kubernetes speaks YAML 1.1, but reads dates and base-60 numbers as text. */
const asKubernetes: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.1',
  merge: true,
  customTags: (tags: Tags): Tags => [octal, binary, ...tags.filter((tag) => !isUnwanted(tag))],
};

/** Aliases that one document may resolve; more is an attack on memory. */
const aliasesMax = 100;

/**
 * The objects of YAML or JSON files, in their order; `-` is standard input, a folder stands for its `.yaml`, `.yml` and `.json` files. A file
 * may have several documents; Lists are taken apart.
 */
export async function loadManifests(
  paths: readonly string[],
  input: AsyncIterable<Uint8Array> = process.stdin,
): Promise<readonly Manifest[]> {
  const manifests: Manifest[] = [];
  for (const path of paths.flatMap(filesOf)) {
    const content = path === '-' ? await text(input) : readFileSync(path, 'utf8');
    manifests.push(...parseManifests(path === '-' ? 'standard input' : path, content));
  }
  if (manifests.length === 0) throw new Error(`${paths.join(', ')}: no objects in there`);
  return manifests;
}

function filesOf(path: string): readonly string[] {
  if (path === '-' || !statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => /\.(?:ya?ml|json)$/.test(name));
  return names.sort().map((name) => join(path, name));
}

/** Throws with `file:line:column` for the first mistake. */
export function parseManifests(source: string, content: string): readonly Manifest[] {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(content, { ...asKubernetes, lineCounter });
  return (Array.isArray(documents) ? documents : []).flatMap((document: Document.Parsed) => {
    const place = (node: Node | null): string => {
      const { line, col } = lineCounter.linePos(node?.range?.[0] ?? 0);
      return `${source}:${line}:${col}`;
    };
    const [error] = document.errors;
    if (error !== undefined) {
      const at = error.linePos?.[0];
      throw new Error(`${source}${at === undefined ? '' : `:${at.line}:${at.col}`}: ${firstLine(error.message)}`);
    }
    return objectsIn(document.contents, plainValue(document, source), { source, place });
  });
}

interface Reading {
  readonly source: string;
  place(node: Node | null): string;
}

function plainValue(document: Document.Parsed, source: string): unknown {
  try {
    return document.toJS({ maxAliasCount: aliasesMax });
  } catch (error) {
    throw new Error(`${source}: ${firstLine((error as Error).message)}`, { cause: error });
  }
}

function objectsIn(node: Node | null, value: unknown, reading: Reading): readonly Manifest[] {
  if (value === null || value === undefined) return [];
  const object = value as Partial<ManifestObject> & { readonly items?: readonly unknown[] };
  const place = reading.place(node);
  if (typeof value !== 'object' || Array.isArray(value))
    throw new Error(`${place}: an object with apiVersion and kind must stand here, got ${shown(value)}`);
  for (const field of ['apiVersion', 'kind'] as const) {
    if (typeof object[field] !== 'string' || object[field] === '')
      throw new Error(`${place}: the object needs ${field}, a text, got ${shown(object[field])}`);
  }
  if (object.kind === 'List') {
    const items = isMap(node) ? node.get('items', true) : undefined;
    return (object.items ?? []).flatMap((item, index) => {
      const itemNode = isSeq(items) ? items.get(index, true) : undefined;
      return objectsIn(isNode(itemNode) ? itemNode : node, item, reading);
    });
  }
  const name = object.metadata?.name;
  if (typeof name !== 'string' || name === '')
    throw new Error(`${place}: ${object.kind} needs metadata.name, a text, got ${shown(name)}`);
  const locate = (fieldPath: string): string => reading.place(fieldNode(node, fieldPath));
  return [{ source: reading.source, object: object as ManifestObject, locate }];
}

/** The key of the field, the element of a list, or the nearest thing around it. */
function fieldNode(root: Node | null, fieldPath: string): Node | null {
  let around = root;
  let value: unknown = root;
  for (const [, name, bracketed] of fieldPath.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g)) {
    const step = name ?? bracketed ?? '';
    if (isMap(value)) {
      const pair = value.items.find(({ key }) => (isScalar(key) ? String(key.value) : key) === step);
      if (pair === undefined || !isNode(pair.key)) return around;
      around = pair.key;
      value = pair.value;
    } else if (isSeq(value)) {
      const element = value.items[Number(step)];
      if (!isNode(element)) return around;
      around = element;
      value = element;
    } else return around;
  }
  return around;
}

function firstLine(message: string): string {
  return message.split('\n')[0]?.replace(/ at line \d+, column \d+:$/, '') ?? '';
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
