import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { LineCounter, parseAllDocuments } from 'yaml';

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

export interface Manifest {
  readonly source: string;
  readonly object: ManifestObject;
}

/** Kubernetes speaks YAML 1.1, but reads dates and base-60 numbers as text. */
const asKubernetes = {
  version: '1.1',
  merge: true,
  customTags: (tags: readonly unknown[]) =>
    tags.filter(
      (tag) =>
        typeof tag === 'string' ||
        !/timestamp|TIME/.test(`${(tag as { tag?: string }).tag} ${(tag as { format?: string }).format}`),
    ),
} as const;

/** The objects of YAML or JSON files, `-` being standard input; several documents a file, Lists taken apart. */
export async function loadManifests(paths: readonly string[]): Promise<readonly Manifest[]> {
  const manifests: Manifest[] = [];
  for (const path of paths) {
    const source = path === '-' ? 'standard input' : path;
    const content = path === '-' ? await text(process.stdin) : await readFile(path, 'utf8');
    manifests.push(...parseManifests(source, content));
  }
  if (manifests.length === 0) throw new Error(`${paths.join(', ')}: no objects in there`);
  return manifests;
}

export function parseManifests(source: string, content: string): readonly Manifest[] {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(content, { ...asKubernetes, lineCounter } as Parameters<
    typeof parseAllDocuments
  >[1]);
  const manifests: Manifest[] = [];
  for (const document of Array.isArray(documents) ? documents : []) {
    const [error] = document.errors;
    if (error !== undefined) {
      const at = error.linePos?.[0];
      throw new Error(`${source}${at === undefined ? '' : `:${at.line}:${at.col}`}: ${error.message.split('\n')[0]}`);
    }
    const value = document.toJS({ maxAliasCount: 100 }) as unknown;
    if (value !== null && value !== undefined) manifests.push(...objectsIn(source, value));
  }
  return manifests;
}

function objectsIn(source: string, value: unknown): readonly Manifest[] {
  const object = value as Partial<ManifestObject> & { readonly items?: readonly unknown[] };
  if (typeof object !== 'object' || typeof object.kind !== 'string' || typeof object.apiVersion !== 'string') {
    throw new Error(`${source}: every object needs apiVersion and kind`);
  }
  if (object.kind === 'List') return (object.items ?? []).flatMap((item) => objectsIn(source, item));
  if (typeof object.metadata?.name !== 'string') throw new Error(`${source}: ${object.kind} has no metadata.name`);
  return [{ source, object: object as ManifestObject }];
}
