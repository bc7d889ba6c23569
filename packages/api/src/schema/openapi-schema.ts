import type { Message, NamedField } from './message.ts';
import type { IntegerType, ListType, MapType, ValueType } from './value-type.ts';

export type OpenApiSchema = Readonly<Record<string, unknown>>;

const apimachinery = 'io.k8s.apimachinery.pkg';

/** Values that are scalars in JSON but have a definition of their own, as in Kubernetes' documents. */
const scalarSchemas = {
  quantity: {
    name: `${apimachinery}.api.resource.Quantity`,
    schema: {
      description: 'An exact amount of a resource: a decimal number with a suffix, e.g. 500m, 2, 1.5Gi, 1e3.',
      oneOf: [{ type: 'string' }, { type: 'number' }],
    },
  },
  'int-or-string': {
    name: `${apimachinery}.util.intstr.IntOrString`,
    schema: {
      description: 'A whole number or a text, e.g. a port by number or by name.',
      format: 'int-or-string',
      oneOf: [{ type: 'integer' }, { type: 'string' }],
    },
  },
  seconds: {
    name: `${apimachinery}.apis.meta.v1.Time`,
    schema: { description: 'A time in RFC 3339, in whole seconds.', format: 'date-time', type: 'string' },
  },
  micros: {
    name: `${apimachinery}.apis.meta.v1.MicroTime`,
    schema: { description: 'A time in RFC 3339, in microseconds.', format: 'date-time', type: 'string' },
  },
  json: {
    name: `${apimachinery}.apis.meta.v1.FieldsV1`,
    schema: { description: 'A set of fields, as nested keys.', type: 'object' },
  },
} as const;

/** Collects the definitions that a document refers to. */
export class SchemaCollection {
  readonly #schemas = new Map<string, OpenApiSchema>();

  /** Adds a message and all that it uses; answers a reference to it. */
  refer(message: Message<object>): OpenApiSchema {
    const name = definitionName(message.name);
    if (!this.#schemas.has(name)) {
      this.#schemas.set(name, {});
      this.#schemas.set(name, this.#messageSchema(message));
    }
    return reference(name);
  }

  /** Adds facts to a definition, e.g. its group, version and kind. */
  extend(name: string, facts: OpenApiSchema): void {
    this.#schemas.set(name, { ...this.#schemas.get(name), ...facts });
  }

  /** By name, sorted. */
  toJSON(): Readonly<Record<string, OpenApiSchema>> {
    return Object.fromEntries([...this.#schemas].sort(([left], [right]) => (left < right ? -1 : 1)));
  }

  #messageSchema(message: Message<object>): OpenApiSchema {
    const properties = Object.fromEntries(message.fieldList.map((field) => [field.name, this.#fieldSchema(field)]));
    const required = message.fieldList.filter(isRequired).map((field) => field.name);
    return {
      description: message.description,
      type: 'object',
      ...(required.length === 0 ? {} : { required }),
      properties,
      ...(message.atomic === true ? { 'x-kubernetes-map-type': 'atomic' } : {}),
    };
  }

  #fieldSchema(field: NamedField): OpenApiSchema {
    const { description, type, patchStrategy } = field;
    const own = {
      description: field.refused === undefined ? description : `${description} (Refused: ${field.refused}.)`,
      ...(field.default === undefined ? {} : { default: field.default }),
      ...(patchStrategy === undefined ? {} : { 'x-kubernetes-patch-strategy': patchStrategy }),
    };
    const value = this.#valueSchema(type);
    // Nothing may stand beside a reference, so it is wrapped.
    return '$ref' in value ? { ...own, allOf: [value] } : { ...own, ...value };
  }

  #valueSchema(type: ValueType): OpenApiSchema {
    switch (type.kind) {
      case 'text':
        return { type: 'string', ...(type.values === undefined ? {} : { enum: type.values }) };
      case 'integer':
        return integerSchema(type);
      case 'boolean':
        return { type: 'boolean' };
      case 'bytes':
        return { type: 'string', format: 'byte' };
      case 'quantity':
      case 'int-or-string':
      case 'json':
        return this.#scalar(type.kind);
      case 'time':
        return this.#scalar(type.precision);
      case 'list':
        return { ...listFacts(type), type: 'array', items: this.#itemSchema(type.of) };
      case 'map':
        return { ...mapFacts(type), type: 'object', additionalProperties: this.#itemSchema(type.of) };
      case 'message':
        return this.refer(type.message);
      default:
        return unreachable(type);
    }
  }

  #itemSchema(type: ValueType): OpenApiSchema {
    const schema = this.#valueSchema(type);
    return '$ref' in schema ? { allOf: [schema], default: type.kind === 'message' ? {} : '' } : schema;
  }

  #scalar(kind: keyof typeof scalarSchemas): OpenApiSchema {
    const { name, schema } = scalarSchemas[kind];
    this.#schemas.set(name, schema);
    return reference(name);
  }
}

/** `core.v1.Pod` to `io.k8s.api.core.v1.Pod`. */
export function definitionName(messageName: string): string {
  return messageName.startsWith('meta.') ? `${apimachinery}.apis.${messageName}` : `io.k8s.api.${messageName}`;
}

export function reference(name: string): OpenApiSchema {
  return { $ref: `#/components/schemas/${name}` };
}

function isRequired({ presence, number, type }: NamedField): boolean {
  // A message that the server fills in need not be sent.
  return presence === 'required' || (presence === 'filled' && number > 0 && type.kind !== 'message');
}

function integerSchema({ bits }: IntegerType): OpenApiSchema {
  return { type: 'integer', format: `int${bits}` };
}

function listFacts({ listType, mapKeys, mergeKey }: ListType): OpenApiSchema {
  return {
    ...(listType === undefined ? {} : { 'x-kubernetes-list-type': listType }),
    ...(mapKeys === undefined ? {} : { 'x-kubernetes-list-map-keys': mapKeys }),
    ...(mergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': mergeKey }),
  };
}

function mapFacts({ atomic }: MapType): OpenApiSchema {
  return atomic === true ? { 'x-kubernetes-map-type': 'atomic' } : {};
}

function unreachable(type: never): never {
  throw new TypeError(`unknown value type ${JSON.stringify(type)}`);
}
