import { type IncludeObject, type Kind, notAcceptable } from '@berth/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Query, queryText } from '../registry/list-options.ts';
import type { Requester } from '../registry/registry.ts';
import { type AnswerForm, answerMediaTypes, chooseForm } from './answer-form.ts';
import type { ResourcePath } from './resource-path.ts';
import type { ServerParts } from './server-parts.ts';

/** One request for a resource, identified and permitted. */
export interface ApiCall {
  readonly server: ServerParts;
  readonly kind: Kind;
  readonly path: ResourcePath;
  readonly query: Query;
  readonly requester: Requester;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Shown by the client on its error output. */
  warn(message: string): void;
}

/** How the client wants objects written; 406 when no form it accepts is served. */
export function formOf(call: ApiCall): AnswerForm {
  const form = chooseForm(call.request.headers.accept);
  if (form === undefined) throw notAcceptable(answerMediaTypes);
  return form;
}

/** The same for what is never a table, such as a Scale. */
export function plainEncodingOf(call: ApiCall): AnswerForm['encoding'] {
  const form = chooseForm(call.request.headers.accept, { transformed: false });
  if (form === undefined) throw notAcceptable(answerMediaTypes);
  return form.encoding;
}

export function nameOf(call: ApiCall): string {
  const { name } = call.path;
  if (name === undefined) throw new Error(`${call.request.url} names no object`);
  return name;
}

export function includedObject(query: Query): IncludeObject {
  const asked = queryText(query, 'includeObject');
  return asked === 'None' || asked === 'Object' ? asked : 'Metadata';
}
