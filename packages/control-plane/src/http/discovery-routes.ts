import { type Kind, routeNotFound } from '@berth/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { discoveryDocuments } from './discovery-documents.ts';
import { parseAccept } from './media-type.ts';

/** Which kinds there are, and where. Short-lived on purpose: nothing of it may be cached beyond the client's own rules. */
export function discoveryRoutes(app: FastifyInstance, kinds: readonly Kind[], serverAddress: string): void {
  const documents = discoveryDocuments(kinds);

  const root = (name: 'api' | 'apis', legacy: unknown) => (request: FastifyRequest, reply: FastifyReply) => {
    const version = aggregatedVersion(request.headers.accept);
    if (version === undefined) return json(reply, legacy);
    const contentType = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
    return json(reply.header('vary', 'Accept'), documents.aggregated(name, version), contentType);
  };

  app.get('/api', root('api', documents.apiVersions(serverAddress)));
  app.get('/apis', root('apis', documents.groupList()));
  app.get<{ Params: { version: string } }>('/api/:version', ({ params }, reply) =>
    json(reply, documents.resourceList('', params.version)),
  );
  app.get<{ Params: { group: string } }>('/apis/:group', ({ params }, reply) =>
    json(reply, documents.group(params.group)),
  );
  app.get<{ Params: { group: string; version: string } }>('/apis/:group/:version', ({ params }, reply) =>
    json(reply, documents.resourceList(params.group, params.version)),
  );
}

function json(reply: FastifyReply, document: unknown, contentType = 'application/json'): FastifyReply {
  if (document === undefined) throw routeNotFound();
  return reply.header('content-type', contentType).send(Buffer.from(JSON.stringify(document)));
}

/** The first aggregated form the client names before plain JSON; undefined when it wants the old documents. */
function aggregatedVersion(accept: string | undefined): 'v2' | 'v2beta1' | undefined {
  for (const { type, parameters } of parseAccept(accept)) {
    if (type !== 'application/json' && type !== '*/*') continue;
    if (parameters['as'] === undefined) return undefined;
    const version = parameters['v'];
    const known = parameters['as'] === 'APIGroupDiscoveryList' && parameters['g'] === 'apidiscovery.k8s.io';
    if (known && (version === 'v2' || version === 'v2beta1')) return version;
  }
  return undefined;
}
