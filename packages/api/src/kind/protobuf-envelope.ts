import { badRequest } from '../errors/request-error.ts';
import type { Message } from '../schema/message.ts';
import { protobufDecode } from '../schema/protobuf-decode.ts';
import { ProtobufError, ProtobufReader } from '../schema/protobuf-reader.ts';

/** `k8s` and a zero byte: what every protobuf body begins with. */
const magic: readonly number[] = [0x6b, 0x38, 0x73, 0x00];

/**
 * The JSON form of a body of content type `application/vnd.kubernetes.protobuf`, with its `apiVersion` and `kind`. Decode it like any
 * JSON afterwards. Throws `BadRequest`.
 */
export function decodeProtobufBody(message: Message<object>, body: Uint8Array): Readonly<Record<string, unknown>> {
  if (magic.some((byte, at) => body[at] !== byte)) {
    throw badRequest(
      'the body does not appear to be a protobuf message of Kubernetes: it must begin with the bytes "k8s\\0"',
    );
  }
  try {
    const { apiVersion, kind, raw } = readEnvelope(new ProtobufReader(body, magic.length));
    return { kind, apiVersion, ...protobufDecode(message, raw) };
  } catch (error) {
    if (error instanceof ProtobufError) throw badRequest(`the protobuf body cannot be read: ${error.message}`);
    throw error;
  }
}

interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
}

/** `Unknown { 1: TypeMeta { 1: apiVersion, 2: kind }, 2: raw, 3: contentEncoding, 4: contentType }`. */
function readEnvelope(reader: ProtobufReader): Envelope {
  let apiVersion = '';
  let kind = '';
  let raw: Uint8Array = new Uint8Array();
  while (!reader.done) {
    const { number, wire } = reader.tag();
    if (number === 1 && wire === 2) {
      ({ apiVersion, kind } = readType(new ProtobufReader(reader.bytes())));
    } else if (number === 2 && wire === 2) {
      raw = reader.bytes();
    } else if (number === 3 && wire === 2) {
      if (reader.text() !== '') throw new ProtobufError('an encoded content is not read here');
    } else {
      reader.skip(wire);
    }
  }
  return { apiVersion, kind, raw };
}

function readType(reader: ProtobufReader): Omit<Envelope, 'raw'> {
  let apiVersion = '';
  let kind = '';
  while (!reader.done) {
    const { number, wire } = reader.tag();
    if (number === 1 && wire === 2) apiVersion = reader.text();
    else if (number === 2 && wire === 2) kind = reader.text();
    else reader.skip(wire);
  }
  return { apiVersion, kind };
}
