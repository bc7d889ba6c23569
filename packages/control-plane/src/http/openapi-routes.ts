import { createHash } from 'node:crypto';
import { type Kind, openApiDocument, routeNotFound } from '@berth/api';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { parseAccept } from './media-type.ts';
import { openApiV2Json, openApiV2Message, openApiV2Protobuf } from './openapi-v2.ts';

interface Document {
  readonly bytes: Buffer;
  readonly hash: string;
}

interface Documents {
  readonly index: Buffer;
  /** By `api/v1`, `apis/apps/v1`. */
  readonly byPath: ReadonlyMap<string, Document>;
}

/**
 * `/openapi/v3`: an index, and one document per group and version; `kubectl` validates, patches and explains by it. The address in the
 * index carries the document's hash, so clients may keep a document as long as they like. `/openapi/v2` is what kubectl asks for
 * before it applies a `List`.
 */
export function openApiRoutes(app: FastifyInstance, kinds: readonly Kind[]): void {
  let made: Documents | undefined;
  const documents = (): Documents => {
    made ??= makeDocuments(kinds);
    return made;
  };

  app.get('/openapi/v2', ({ headers }, reply) => {
    const wantsProtobuf = parseAccept(headers.accept).some(({ type }) => type.endsWith('+protobuf'));
    return wantsProtobuf
      ? reply.header('content-type', openApiV2Protobuf).send(openApiV2Message())
      : json(reply, openApiV2Json(kinds));
  });
  app.get('/openapi/v3', (_request, reply) => json(reply, documents().index));
  app.get<{ Params: { '*': string } }>('/openapi/v3/*', ({ params, query }, reply) => {
    const document = documents().byPath.get(params['*']);
    if (document === undefined) throw routeNotFound();
    const asked = (query as { readonly hash?: string }).hash;
    if (asked === document.hash) void reply.header('cache-control', 'public, immutable, max-age=31536000');
    return json(reply, document.bytes);
  });
}

/** Made when they are first asked for: a server should be up before it describes itself. */
function makeDocuments(kinds: readonly Kind[]): Documents {
  const byPath = new Map<string, Document>();
  for (const [path, members] of Map.groupBy(kinds, pathOf)) byPath.set(path, documentOf(members));
  const paths = Object.fromEntries([...byPath].map(([path, { hash }]) => [path, entry(path, hash)]));
  return { byPath, index: Buffer.from(JSON.stringify({ paths })) };
}

function entry(path: string, hash: string): { readonly serverRelativeURL: string } {
  return { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
}

function pathOf({ group, apiVersion }: Kind): string {
  return group === '' ? `api/${apiVersion}` : `apis/${apiVersion}`;
}

function documentOf(members: readonly Kind[]): Document {
  const bytes = Buffer.from(JSON.stringify(openApiDocument(members)));
  return { bytes, hash: createHash('sha512').update(bytes).digest('hex').slice(0, 64).toUpperCase() };
}

function json(reply: FastifyReply, bytes: Buffer): FastifyReply {
  return reply.header('content-type', 'application/json').send(bytes);
}
