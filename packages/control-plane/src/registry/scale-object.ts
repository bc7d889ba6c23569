import {
  FaultList,
  invalid,
  type Kind,
  type LabelSelector,
  labelSelectorTerms,
  notFound,
  objectModified,
  preconditionFailed,
  printLabelRequirements,
  type Scale,
} from '@berth/api';
import { changeObject } from './change-object.ts';
import { type EngineParts, groupResource } from './engine-parts.ts';
import type { ObjectRef, StoredObject, WriteContext } from './registry.ts';
import { decodeStored } from './stored-object.ts';

/** The one number of a workload as `autoscaling/v1 Scale`, the same for every kind that has replicas. */
export function scaleOf(object: StoredObject): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const spec = object['spec'] as { readonly replicas?: number; readonly selector: LabelSelector };
  const status = object['status'] as { readonly replicas?: number } | undefined;
  const replicas = spec.replicas ?? 0;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid,
      resourceVersion,
      creationTimestamp,
    },
    spec: replicas === 0 ? {} : { replicas },
    status: {
      replicas: status?.replicas ?? 0,
      selector: printLabelRequirements(labelSelectorTerms(spec.selector)),
    },
  };
}

/** Sets the number of replicas to what `change` makes of the present scale. */
export async function changeScale(
  parts: EngineParts,
  kind: Kind,
  ref: ObjectRef,
  change: (current: Scale) => Scale,
  context: WriteContext,
): Promise<Scale> {
  const outcome = await changeObject(parts, {
    kind,
    ref,
    part: 'object',
    context,
    change(current) {
      const scale = change(scaleOf(current));
      checkScale(kind, ref, scale, current);
      const replicas = scale.spec.replicas ?? 0;
      const { spec, ...rest } = current;
      return { value: { ...rest, spec: { ...(spec as object), replicas } } };
    },
  });
  if (outcome.kind === 'deleted') throw notFound(groupResource(kind), ref.name);
  return scaleOf(decodeStored(outcome.bytes));
}

function checkScale(kind: Kind, ref: ObjectRef, { metadata, spec }: Scale, current: StoredObject): void {
  const resource = groupResource(kind);
  if (metadata.uid !== undefined && metadata.uid !== current.metadata.uid)
    throw preconditionFailed(resource, ref.name, 'UID', metadata.uid, current.metadata.uid);
  if (metadata.resourceVersion !== undefined && metadata.resourceVersion !== current.metadata.resourceVersion)
    throw objectModified(resource, ref.name);
  const faults = new FaultList();
  if ((spec.replicas ?? 0) < 0)
    faults.within('spec', () => faults.invalid('replicas', spec.replicas, 'must be greater than or equal to 0'));
  if (faults.faults.length > 0) throw invalid({ group: 'autoscaling', kind: 'Scale' }, ref.name, faults.faults);
}
