import type { FastifyRequest } from 'fastify';
import type { Requester } from '../registry/registry.ts';
import type { RequestTarget } from './request-target.ts';

/** What the hooks know of a request and hand on to its handler. */
export interface RequestState {
  readonly startedMs: number;
  readonly target: RequestTarget;
  requester: Requester | undefined;
  /** Among the requests at work; left when the response is closed. */
  place: Disposable | undefined;
}

const states = new WeakMap<FastifyRequest, RequestState>();

export function setState(request: FastifyRequest, state: RequestState): void {
  states.set(request, state);
}

export function stateOf(request: FastifyRequest): RequestState {
  const state = states.get(request);
  if (state === undefined) throw new Error(`the request for ${request.url} has passed no hook`);
  return state;
}
