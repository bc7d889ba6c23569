import { type Scale, scaleMessage } from '@berth/api';
import { applyPatch } from '../registry/object-patch.ts';
import type { Answer } from './answer.ts';
import { type ApiCall, plainEncodingOf } from './api-call.ts';
import { valueAnswer } from './object-answer.ts';
import { refOf } from './object-handlers.ts';
import { patchOf } from './patch-body.ts';
import { getConsistency } from './read-consistency.ts';
import { type BodyKind, readBody, readValue } from './sub-resource-body.ts';
import { writeContext } from './write-context.ts';

/** `…/scale`: the number of replicas of any workload in one common form. */

const scaleKind: BodyKind<Scale> = { group: 'autoscaling', version: 'v1', kind: 'Scale', message: scaleMessage };

export async function getScale(call: ApiCall): Promise<Answer> {
  const scale = await call.server.registry.scale(refOf(call), getConsistency(call.query));
  return valueAnswer(scale, plainEncodingOf(call));
}

export function updateScale(call: ApiCall): Promise<Answer> {
  const wanted = readBody(call, scaleKind, writeContext(call));
  return answer(call, () => wanted);
}

export function patchScale(call: ApiCall): Promise<Answer> {
  const patch = patchOf(call);
  const context = writeContext(call);
  return answer(call, (current) => readValue(scaleKind, applyPatch(scaleMessage, patch, current), context));
}

async function answer(call: ApiCall, make: (current: Scale) => Scale): Promise<Answer> {
  const scale = await call.server.registry.changeScale(refOf(call), make, writeContext(call));
  return valueAnswer(scale, plainEncodingOf(call));
}
