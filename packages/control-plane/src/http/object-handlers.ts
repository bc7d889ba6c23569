import type { Consistency } from '@berth/store';
import { parseListOptions } from '../registry/list-options.ts';
import { selectionOf } from '../registry/object-selection.ts';
import type { ObjectRef } from '../registry/registry.ts';
import { decodeStored } from '../registry/stored-object.ts';
import { type Answer, successAnswer } from './answer.ts';
import { type ApiCall, nameOf } from './api-call.ts';
import { deleteOptions } from './delete-options.ts';
import { listAnswer, objectAnswer } from './object-answer.ts';
import { patchOf } from './patch-body.ts';
import { getConsistency, readConsistency } from './read-consistency.ts';
import { parsedBody } from './request-body.ts';
import { writeContext } from './write-context.ts';

/** The verbs that every kind has, on its objects and collections. Parts other than `object` are those of `/status`. */

export async function getObject(call: ApiCall): Promise<Answer> {
  const bytes = await call.server.registry.read(refOf(call), getConsistency(call.query));
  return objectAnswer(call, bytes);
}

export async function listObjects(call: ApiCall): Promise<Answer> {
  const options = parseListOptions(call.query);
  const selection = selectionOf(call.kind, { ...options, ...placeOf(call) });
  const fresh: Consistency = readConsistency(call.query);
  return listAnswer(call, await call.server.registry.listPage(selection, options, fresh));
}

export async function createObject(call: ApiCall): Promise<Answer> {
  const sent = parsedBody(call, call.kind);
  const bytes = await call.server.registry.createFrom(call.kind, call.path.namespace, sent, writeContext(call));
  return objectAnswer(call, bytes, 201);
}

export function updateObject(part: 'object' | 'status-and-labels') {
  return async (call: ApiCall): Promise<Answer> => {
    const sent = parsedBody(call, call.kind);
    const outcome = await call.server.registry.replace(refOf(call), part, sent, writeContext(call));
    return objectAnswer(call, outcome.bytes);
  };
}

export function patchObject(part: 'object' | 'status-and-labels') {
  return async (call: ApiCall): Promise<Answer> => {
    const outcome = await call.server.registry.patch(refOf(call), part, patchOf(call), writeContext(call));
    return objectAnswer(call, outcome.bytes);
  };
}

/** The object when it stays for a while, a Success when it is gone. */
export async function deleteObject(call: ApiCall): Promise<Answer> {
  const { request, dryRun } = deleteOptions(call);
  const outcome = await call.server.registry.remove(refOf(call), request, writeContext(call, dryRun));
  if (outcome.kind !== 'deleted') return objectAnswer(call, outcome.bytes);
  const { group, plural } = call.kind;
  const { uid } = decodeStored(outcome.bytes).metadata;
  return successAnswer(200, { name: nameOf(call), ...(group === '' ? {} : { group }), kind: plural, uid });
}

/** Deletes what is selected, one by one, and answers what was there. */
export async function deleteCollection(call: ApiCall): Promise<Answer> {
  const options = parseListOptions(call.query);
  const { request, dryRun } = deleteOptions(call);
  const selection = selectionOf(call.kind, { ...options, ...placeOf(call) });
  const page = await call.server.registry.removeAll(call.kind, selection, options, request, writeContext(call, dryRun));
  return listAnswer(call, page);
}

export function refOf(call: ApiCall): ObjectRef {
  return { resource: call.kind.resource, name: nameOf(call), ...placeOf(call) };
}

function placeOf({ path: { namespace } }: ApiCall): { readonly namespace?: string } {
  return namespace === undefined ? {} : { namespace };
}
