import { deleteOptionsMessage } from '../meta/v1/delete-options.ts';
import { listMeta } from '../meta/v1/list-meta.ts';
import { status } from '../meta/v1/status.ts';
import type { Message } from '../schema/message.ts';
import { definitionName, type OpenApiSchema, reference, SchemaCollection } from '../schema/openapi-schema.ts';
import { bodyMessages } from './body-messages.ts';
import type { GroupVersionKind, Kind } from './kind.ts';
import { type BodySchemas, kindPaths } from './openapi-paths.ts';

/** What clients learn of one group and version: paths with their operations, and the schemas of their bodies. */
export interface OpenApiDocument {
  readonly openapi: '3.0.0';
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, object>>;
  readonly components: { readonly schemas: Readonly<Record<string, OpenApiSchema>> };
}

/** The OpenAPI v3 document of kinds that share a group and version, as `/openapi/v3/…` answers it. */
export function openApiDocument(kinds: readonly Kind[]): OpenApiDocument {
  const schemas = new SchemaCollection();
  const shared = { status: schemas.refer(status), deleteOptions: schemas.refer(deleteOptionsMessage) };
  schemas.extend(
    definitionName(deleteOptionsMessage.name),
    typeOf({ group: '', version: 'v1', kind: 'DeleteOptions' }),
  );
  const paths = kinds.map((kind) => kindPaths(kind, { ...shared, ...ownSchemas(kind, schemas) }));
  return {
    openapi: '3.0.0',
    info: { title: 'Berth', version: 'v1' },
    paths: Object.assign({}, ...paths) as Readonly<Record<string, object>>,
    components: { schemas: schemas.toJSON() },
  };
}

function ownSchemas(kind: Kind, schemas: SchemaCollection): Omit<BodySchemas, 'status' | 'deleteOptions'> {
  const object = referTyped(kind.message, kind, schemas);
  return {
    object,
    list: referList(kind, object, schemas),
    subresource: (body) => {
      const message = bodyMessages.find((candidate) => candidate.kind === body.kind)?.message;
      return message === undefined ? object : referTyped(message, body, schemas);
    },
  };
}

function referTyped(message: Message<object>, type: GroupVersionKind, schemas: SchemaCollection): OpenApiSchema {
  const schema = schemas.refer(message);
  schemas.extend(definitionName(message.name), typeOf(type));
  return schema;
}

function referList(kind: Kind, item: OpenApiSchema, schemas: SchemaCollection): OpenApiSchema {
  const name = definitionName(`${kind.message.name}List`);
  schemas.extend(name, {
    description: `A list of objects of the kind ${kind.kind}.`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string', description: 'Group and version of the list.' },
      kind: { type: 'string', description: 'Kind of the list.' },
      metadata: { description: 'What the list says about itself.', allOf: [schemas.refer(listMeta)] },
      items: { type: 'array', description: 'The objects.', items: { allOf: [item], default: {} } },
    },
    ...typeOf({ group: kind.group, version: kind.version, kind: kind.listKind }),
  });
  return reference(name);
}

function typeOf({ group, version, kind }: GroupVersionKind): OpenApiSchema {
  return { 'x-kubernetes-group-version-kind': [{ group, kind, version }] };
}
