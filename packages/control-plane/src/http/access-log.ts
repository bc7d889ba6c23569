import type { FastifyRequest } from 'fastify';
import { stateOf } from './request-state.ts';

/**
 * One line per request: who did what to which object, and what came of it. Reads at `debug`, changes at `info`, failures of
 * the server at `error`. Bodies are never logged.
 */
export function logAccess(request: FastifyRequest, code: number, elapsedMs: number): void {
  const { target, requester } = stateOf(request);
  const { verb, path, resource } = target.attributes;
  const entry = {
    user: requester?.user,
    verb,
    ...(resource === undefined
      ? { path }
      : { resource: resourceText(resource), namespace: resource.namespace, name: resource.name }),
    code,
    ms: Math.round(elapsedMs * 10) / 10,
    agent: request.headers['user-agent'],
    from: request.ip,
  };
  if (code >= 500 && code !== 501) request.log.error(entry, 'request failed');
  else if (target.kind === 'mutating') request.log.info(entry, 'request');
  else request.log.debug(entry, 'request');
}

function resourceText({ group, plural, subresource }: { group: string; plural: string; subresource?: string }): string {
  const kind = group === '' ? plural : `${plural}.${group}`;
  return subresource === undefined ? kind : `${kind}/${subresource}`;
}
