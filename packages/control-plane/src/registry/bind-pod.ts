import {
  badRequest,
  conflict,
  formatTime,
  type Kind,
  notFound,
  type Pod,
  type PodCondition,
  preconditionFailed,
} from '@berth/api';
import { devicesAnnotation } from '@berth/scheduler';
import type { EngineParts } from './engine-parts.ts';
import { guardedWrite } from './guarded-write.ts';
import type { Place } from './node-line.ts';
import { type ObjectDraft, storing } from './object-draft.ts';
import type { StoredObject, WriteContext } from './registry.ts';
import { storageKey } from './resource-key.ts';
import { decodeStored } from './stored-object.ts';

export interface PodBinding {
  readonly namespace: string;
  readonly pod: string;
  /** Of the pod that was decided on; absent: whichever has the name. */
  readonly uid?: string;
  readonly nodeName: string;
  /** Added to those of the pod. */
  readonly annotations?: Readonly<Record<string, string>>;
}

const bindings = { group: '', resource: 'pods/binding' };

/** Puts an unassigned pod on a node, for good: a pod never moves. */
export async function bindPod(
  parts: EngineParts,
  kind: Kind,
  binding: PodBinding,
  context: WriteContext,
): Promise<void> {
  const { namespace, pod: name, nodeName } = binding;
  if (nodeName === '') throw badRequest('target.name: a node must be named');
  let place: Place | undefined;
  const leave = (): void => {
    place?.left();
    place = undefined;
  };
  try {
    const { bytes } = await guardedWrite(parts.store, {
      key: storageKey({ resource: kind.resource, namespace, name }),
      resource: { group: kind.group, resource: kind.plural },
      name,
      startFrom: 'stored',
      context,
      async decide(kv, reader) {
        leave();
        if (kv === undefined) throw notFound({ group: kind.group, resource: kind.plural }, name);
        const before = decodeStored(kv);
        checkBindable(binding, before);
        const draft = bound(before, binding, formatTime(parts.world.clock.wallMs()));
        const answer = await parts.seats.take(nodeName, draft as never, reader);
        if (answer.kind === 'full') throw conflict(bindings, name, answer.why);
        place = answer.place;
        addAnnotations(draft, answer.devices === undefined ? {} : { [devicesAnnotation]: answer.devices });
        return storing(kind, draft, place.companions);
      },
    });
    if (context.dryRun === true) leave();
    else place?.taken(bytes.modRevision);
  } catch (error) {
    leave();
    throw error;
  }
}

function checkBindable({ pod: name, uid }: PodBinding, stored: StoredObject): void {
  const { metadata, spec } = stored as unknown as Pod & StoredObject;
  if (uid !== undefined && uid !== '' && uid !== metadata.uid)
    throw preconditionFailed(bindings, name, 'UID', uid, metadata.uid);
  if (metadata.deletionTimestamp !== undefined)
    throw conflict(bindings, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  if (spec.nodeName !== undefined && spec.nodeName !== '')
    throw conflict(bindings, name, `pod ${name} is already assigned to node "${spec.nodeName}"`);
  if ((spec.schedulingGates?.length ?? 0) > 0)
    throw conflict(bindings, name, `pod ${name} has non-empty .spec.schedulingGates`);
}

function bound(before: StoredObject, { nodeName, annotations }: PodBinding, now: string): ObjectDraft {
  const { spec, status } = before as unknown as Pod;
  const draft: ObjectDraft = {
    ...before,
    metadata: { ...before.metadata },
    spec: { ...spec, nodeName },
    status: { ...status, conditions: withScheduled(status?.conditions ?? [], now) },
  };
  addAnnotations(draft, annotations ?? {});
  return draft;
}

function addAnnotations({ metadata }: ObjectDraft, more: Readonly<Record<string, string>>): void {
  if (Object.keys(more).length > 0) metadata.annotations = { ...metadata.annotations, ...more };
}

function withScheduled(conditions: readonly PodCondition[], now: string): readonly PodCondition[] {
  const scheduled: PodCondition = { type: 'PodScheduled', status: 'True', lastTransitionTime: now };
  return [...conditions.filter((condition) => condition.type !== scheduled.type), scheduled];
}
