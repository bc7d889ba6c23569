import { type Kind, openApiDocument } from '@berth/api';

const title = 'Berth';
const version = 'v1';

/** What kubectl accepts when it asks for OpenAPI v2: gnostic's `openapi.v2.Document` in protobuf. */
export const openApiV2Protobuf = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/**
 * The smallest valid `openapi.v2.Document` (gnostic's OpenAPIv2.proto: 1 `swagger`, 2 `info` with 1 `title` and 2 `version`, 8 `paths`).
 * kubectl asks for it before it applies a `List`. It validates no kind that the document does not define, and leaves that to the server,
 * which is the one who knows.
 */
export function openApiV2Message(): Buffer {
  const info = Buffer.concat([lengthDelimited(1, Buffer.from(title)), lengthDelimited(2, Buffer.from(version))]);
  return Buffer.concat([
    lengthDelimited(1, Buffer.from('2.0')),
    lengthDelimited(2, info),
    lengthDelimited(8, Buffer.alloc(0)),
  ]);
}

/** The schemas of all kinds as Swagger 2.0 `definitions`. Paths are described by v3 alone. */
export function openApiV2Json(kinds: readonly Kind[]): Buffer {
  const schemas = [...Map.groupBy(kinds, ({ apiVersion }) => apiVersion).values()].map(
    (members) => openApiDocument(members).components.schemas,
  );
  const definitions = Object.assign({}, ...schemas) as object;
  const document = { swagger: '2.0', info: { title, version }, paths: {}, definitions };
  return Buffer.from(JSON.stringify(document).replaceAll('"#/components/schemas/', '"#/definitions/'));
}

/** A length-delimited field of less than 128 bytes. */
function lengthDelimited(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2, bytes.length]), bytes]);
}
