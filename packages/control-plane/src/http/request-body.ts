import { badRequest, decodeProtobufBody, duplicateFields, type Message, unsupportedMediaType } from '@berth/api';
import type { SentObject } from '../registry/read-object.ts';
import type { ApiCall } from './api-call.ts';
import { decodeText, parseJson } from './json-text.ts';
import { parseMediaType } from './media-type.ts';
import { parseYaml } from './yaml-text.ts';

/** What the body should be: its name for messages, its schema for binary bodies. */
interface ExpectedBody {
  readonly kind: string;
  readonly message: Message<object>;
}

type BodyParser = (bytes: Uint8Array, expected: ExpectedBody) => SentObject;

const parsers: Readonly<Record<string, BodyParser>> = {
  'application/json': (bytes, { kind }) => {
    const text = decodeText(bytes);
    const value = parseJson(text, `the object provided is unrecognized (must be of type ${kind})`);
    return { value, duplicateFields: duplicateFields(text) };
  },
  'application/yaml': (bytes) => {
    const { value, duplicates } = parseYaml(decodeText(bytes));
    return { value, duplicateFields: duplicates };
  },
  'application/vnd.kubernetes.protobuf': (bytes, { message }) => ({
    value: decodeProtobufBody(message, bytes),
  }),
};

/** Content types of bodies that are objects; also what a 415 lists. */
export const bodyMediaTypes: readonly string[] = Object.keys(parsers);

export function bodyBytes(call: ApiCall): Uint8Array {
  const { body } = call.request;
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** The body as plain values, of whichever content type. kubectl sends some bodies without one: they are JSON. */
export function parsedBody(call: ApiCall, expected: ExpectedBody): SentObject {
  const contentType = call.request.headers['content-type'] ?? '';
  const type = contentType === '' ? 'application/json' : parseMediaType(contentType).type;
  const parse = parsers[type];
  if (parse === undefined) throw unsupportedMediaType(bodyMediaTypes);
  const bytes = bodyBytes(call);
  if (bytes.length === 0) throw badRequest(`the body must be a ${expected.kind}, it is empty`);
  return parse(bytes, expected);
}
