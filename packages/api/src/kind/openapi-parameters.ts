import type { Kind } from './kind.ts';

export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly description: string;
  readonly required?: true;
  readonly schema: { readonly type: 'string' | 'integer' | 'boolean'; readonly uniqueItems: true };
}

export function pathParameters(kind: Kind, target: 'collection' | 'item'): readonly Parameter[] {
  const name = inPath('name', `Name of the ${kind.kind}.`);
  const namespace = inPath('namespace', 'The namespace.');
  return [...(target === 'item' ? [name] : []), ...(kind.namespaced ? [namespace] : [])];
}

/** kubectl looks for `fieldValidation` here: a server that has it is trusted to validate. */
export const queryParameters: Readonly<Record<'write' | 'list' | 'delete', readonly Parameter[]>> = {
  write: [
    inQuery('dryRun', 'string', 'With All nothing is stored; the answer shows what would have been.'),
    inQuery('fieldManager', 'string', 'Name of the client, for the record of who set which field.'),
    inQuery(
      'fieldValidation',
      'string',
      'What happens with unknown and duplicate fields: Ignore drops them, Warn tells, Strict refuses.',
    ),
  ],
  list: [
    inQuery('allowWatchBookmarks', 'boolean', 'Whether a watch tells how far it is while nothing happens.'),
    inQuery('continue', 'string', 'The token of the page before.'),
    inQuery('fieldSelector', 'string', 'Conditions on fields, e.g. metadata.name=web.'),
    inQuery('labelSelector', 'string', 'Conditions on labels, e.g. app=web,tier in (a,b).'),
    inQuery('limit', 'integer', 'The most objects in one page.'),
    inQuery('resourceVersion', 'string', 'How fresh the answer must be, or where a watch starts.'),
    inQuery('resourceVersionMatch', 'string', 'What resourceVersion means: Exact or NotOlderThan.'),
    inQuery('sendInitialEvents', 'boolean', 'Whether a watch begins with the present state.'),
    inQuery('timeoutSeconds', 'integer', 'After which time a watch ends.'),
    inQuery('watch', 'boolean', 'Whether to follow changes instead of listing.'),
  ],
  delete: [
    inQuery('dryRun', 'string', 'With All nothing is deleted.'),
    inQuery('gracePeriodSeconds', 'integer', 'Time to end in; 0 means at once.'),
    inQuery('orphanDependents', 'boolean', 'Old form of propagationPolicy.'),
    inQuery('propagationPolicy', 'string', 'What happens to dependents: Background, Foreground or Orphan.'),
  ],
};

function inPath(name: string, description: string): Parameter {
  return { name, in: 'path', description, required: true, schema: { type: 'string', uniqueItems: true } };
}

function inQuery(name: string, type: Parameter['schema']['type'], description: string): Parameter {
  return { name, in: 'query', description, schema: { type, uniqueItems: true } };
}
