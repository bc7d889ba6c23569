import { type Kind, methodNotAllowed, notFound, notImplemented, routeNotFound, type Verb } from '@berth/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Query } from '../registry/list-options.ts';
import { isStorableName } from '../registry/resource-key.ts';
import type { Answer } from './answer.ts';
import type { ApiCall } from './api-call.ts';
import { bindNamed, bindPosted } from './binding-handlers.ts';
import { send } from './error-answer.ts';
import { evict } from './eviction-handler.ts';
import { finalize } from './finalize-handler.ts';
import {
  createObject,
  deleteCollection,
  deleteObject,
  getObject,
  listObjects,
  patchObject,
  updateObject,
} from './object-handlers.ts';
import { podLog } from './pod-log.ts';
import { stateOf } from './request-state.ts';
import type { ResourcePath } from './resource-path.ts';
import { getScale, patchScale, updateScale } from './scale-handlers.ts';
import type { ServerParts } from './server-parts.ts';
import { warningHeader } from './warning-header.ts';
import { watchObjects } from './watch-handler.ts';

type Handler = (call: ApiCall) => Promise<Answer>;
type Handlers = Readonly<Partial<Record<string, Handler>>>;

/** What can be done with `…/pods`, by verb. */
const collection: Handlers = {
  list: listObjects,
  watch: watchObjects,
  create: createObject,
  deletecollection: deleteCollection,
};

/** What can be done with `…/pods/web-1`. */
const object: Handlers = {
  get: getObject,
  update: updateObject('object'),
  patch: patchObject('object'),
  delete: deleteObject,
};

/** What can be done with `…/pods/web-1/NAME`, for those sub-resources that a kind lists. */
const subresources: Readonly<Record<string, Handlers>> = {
  status: { get: getObject, update: updateObject('status-and-labels'), patch: patchObject('status-and-labels') },
  scale: { get: getScale, update: updateScale, patch: patchScale },
  log: { get: podLog },
  binding: { create: bindNamed },
  eviction: { create: evict },
  finalize: { update: finalize },
};

/** Kubernetes has them, Berth does not yet: a clear word is better than "not found". */
const laterSubresources: Readonly<Record<string, readonly string[]>> = {
  pods: ['exec', 'attach', 'portforward', 'proxy', 'ephemeralcontainers', 'resize'],
  serviceaccounts: ['token'],
};

/** All kinds of the table below `/api` and `/apis`, found by their path at the time of the request. */
export function resourceRoutes(app: FastifyInstance, server: ServerParts): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  const serve = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { target, requester } = stateOf(request);
    if (target.path === undefined || requester === undefined) throw routeNotFound();
    const warnings = warningHeader(reply);
    const call: ApiCall = {
      server,
      path: target.path,
      kind: kindAt(server, target.path),
      query: request.query as Query,
      requester,
      request,
      reply,
      warn: (message) => warnings.add(message),
    };
    const answer = await handlerFor(call, target.attributes.verb)(call);
    send(reply, answer);
    return reply;
  };
  const method = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
  app.route({ method, url: '/api/:version/*', handler: serve });
  app.route({ method, url: '/apis/:group/:version/*', handler: serve });
}

function kindAt(server: ServerParts, path: ResourcePath): Kind {
  const binding = path.plural === 'bindings' && path.group === '' ? 'pods' : path.plural;
  const kind = server.registry.kinds.at(path.group, path.version, binding);
  if (kind === undefined) throw routeNotFound();
  const everywhere = path.namespace === undefined && path.name === undefined;
  if (kind.namespaced ? path.namespace === undefined && !everywhere : path.namespace !== undefined)
    throw routeNotFound();
  return kind;
}

function handlerFor({ kind, path }: ApiCall, verb: string): Handler {
  const resource = { group: kind.group, resource: kind.plural };
  if (path.plural === 'bindings') {
    if (verb === 'create' && path.namespace !== undefined) return bindPosted;
    throw methodNotAllowed({ group: '', resource: 'bindings' }, verb);
  }
  if (path.name !== undefined && !(isStorableName(path.name) && isStorableName(path.namespace ?? 'any')))
    throw notFound(resource, path.name);
  const { subresource } = path;
  if (subresource === undefined) {
    const handler = (path.name === undefined ? collection : object)[verb];
    const placeless = verb === 'create' && kind.namespaced && path.namespace === undefined;
    const allowed = kind.verbs.includes(verb as Verb) && !placeless;
    if (handler === undefined || !allowed) throw methodNotAllowed(resource, verb);
    return handler;
  }
  const served = kind.subresources.find((candidate) => candidate.name === subresource);
  const handlers = subresources[subresource];
  if (served === undefined || handlers === undefined) {
    if (laterSubresources[kind.resource]?.includes(subresource)) throw notImplemented(`${kind.plural}/${subresource}`);
    throw routeNotFound();
  }
  const handler = handlers[verb];
  if (handler === undefined) throw methodNotAllowed({ ...resource, resource: `${kind.plural}/${subresource}` }, verb);
  return handler;
}
