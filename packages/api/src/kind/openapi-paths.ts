import type { OpenApiSchema } from '../schema/openapi-schema.ts';
import type { GroupVersionKind, Kind, Subresource, Verb } from './kind.ts';
import { type Parameter, pathParameters, queryParameters } from './openapi-parameters.ts';

/** References to the bodies of one kind. */
export interface BodySchemas {
  readonly object: OpenApiSchema;
  readonly list: OpenApiSchema;
  readonly status: OpenApiSchema;
  readonly deleteOptions: OpenApiSchema;
  subresource(body: GroupVersionKind): OpenApiSchema;
}

type PathItem = Record<string, unknown>;

interface Operation {
  /** Kubernetes' word for what is done, finer than the method. */
  readonly action: string;
  readonly description: string;
  readonly parameters?: readonly Parameter[];
  readonly body?: OpenApiSchema;
  readonly bodyTypes?: readonly string[];
  readonly answer: OpenApiSchema;
  readonly answerCode?: '200' | '201';
}

const jsonTypes: readonly string[] = ['application/json', 'application/yaml'];
const bodyTypes: readonly string[] = ['*/*'];
const patchTypes: readonly string[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

/** All paths of a kind, each with its operations. */
export function kindPaths(kind: Kind, schemas: BodySchemas): Readonly<Record<string, PathItem>> {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.apiVersion}`;
  const collection = kind.namespaced ? `${root}/namespaces/{namespace}/${kind.plural}` : `${root}/${kind.plural}`;
  const item = `${collection}/{name}`;
  const paths: Record<string, PathItem> = {
    [collection]: { ...collectionOperations(kind, schemas), parameters: pathParameters(kind, 'collection') },
    [item]: { ...itemOperations(kind, schemas), parameters: pathParameters(kind, 'item') },
  };
  if (kind.namespaced) {
    const list = listOperation(kind, schemas);
    paths[`${root}/${kind.plural}`] = { get: operation(kind, list), parameters: [] };
  }
  for (const subresource of kind.subresources) {
    const operations = subresourceOperations(kind, subresource, schemas);
    paths[`${item}/${subresource.name}`] = { ...operations, parameters: pathParameters(kind, 'item') };
  }
  return paths;
}

function collectionOperations(kind: Kind, schemas: BodySchemas): PathItem {
  const operations: PathItem = {
    get: operation(kind, listOperation(kind, schemas)),
    post: operation(kind, {
      action: 'post',
      description: `Create an object of the kind ${kind.kind}.`,
      parameters: queryParameters.write,
      body: schemas.object,
      answer: schemas.object,
      answerCode: '201',
    }),
  };
  if (kind.verbs.includes('deletecollection')) {
    operations['delete'] = operation(kind, {
      action: 'deletecollection',
      description: `Delete selected objects of the kind ${kind.kind}.`,
      parameters: [...queryParameters.list, ...queryParameters.delete],
      body: schemas.deleteOptions,
      answer: schemas.status,
    });
  }
  return operations;
}

function listOperation(kind: Kind, schemas: BodySchemas): Operation {
  return {
    action: 'list',
    description: `List or watch objects of the kind ${kind.kind}.`,
    parameters: queryParameters.list,
    answer: schemas.list,
  };
}

function itemOperations(kind: Kind, schemas: BodySchemas): PathItem {
  return {
    get: operation(kind, { action: 'get', description: `Read one ${kind.kind}.`, answer: schemas.object }),
    put: operation(kind, putOperation(`Replace one ${kind.kind}.`, schemas.object)),
    patch: operation(kind, patchOperation(`Change parts of one ${kind.kind}.`, schemas.object)),
    delete: operation(kind, {
      action: 'delete',
      description: `Delete one ${kind.kind}.`,
      parameters: queryParameters.delete,
      body: schemas.deleteOptions,
      answer: schemas.status,
    }),
  };
}

function putOperation(description: string, schema: OpenApiSchema): Operation {
  return { action: 'put', description, parameters: queryParameters.write, body: schema, answer: schema };
}

function patchOperation(description: string, schema: OpenApiSchema): Operation {
  const body = { description: 'The change, in the form that the content type says.', type: 'object' };
  const parameters = queryParameters.write;
  return { action: 'patch', description, parameters, body, bodyTypes: patchTypes, answer: schema };
}

function subresourceOperations(kind: Kind, subresource: Subresource, schemas: BodySchemas): PathItem {
  const type = subresource.body ?? kind;
  const schema = subresource.body === undefined ? schemas.object : schemas.subresource(subresource.body);
  const what = `${subresource.name} of one ${kind.kind}`;
  const describe: Readonly<Partial<Record<Verb, readonly [string, Operation]>>> = {
    get: ['get', { action: 'get', description: `Read ${what}.`, answer: schema }],
    update: ['put', putOperation(`Replace ${what}.`, schema)],
    patch: ['patch', patchOperation(`Change parts of ${what}.`, schema)],
    create: [
      'post',
      {
        action: 'post',
        description: `Create ${what}.`,
        parameters: queryParameters.write,
        body: schema,
        answer: schema,
        answerCode: '201',
      },
    ],
  };
  const operations: PathItem = {};
  for (const verb of subresource.verbs) {
    const described = describe[verb];
    if (described !== undefined) operations[described[0]] = operation(type, described[1]);
  }
  return operations;
}

function operation({ group, version, kind }: GroupVersionKind, facts: Operation): object {
  return {
    description: facts.description,
    'x-kubernetes-action': facts.action,
    'x-kubernetes-group-version-kind': { group, version, kind },
    ...(facts.parameters === undefined ? {} : { parameters: facts.parameters }),
    ...(facts.body === undefined
      ? {}
      : { requestBody: { content: content(facts.bodyTypes ?? bodyTypes, facts.body) } }),
    responses: {
      [facts.answerCode ?? '200']: { description: 'OK', content: content(jsonTypes, facts.answer) },
      '401': { description: 'Unauthorized' },
    },
  };
}

function content(types: readonly string[], schema: OpenApiSchema): object {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}
