import type { FaultList } from '../../errors/fault-list.ts';
import { type ApiObject, apiObjectFields } from '../../kind/api-object.ts';
import { allVerbs, type Kind, kind, specDiffers, statusSubresource } from '../../kind/kind.ts';
import { filled } from '../../schema/field.ts';
import { nested } from '../../schema/field-builder.ts';
import { type Message, message } from '../../schema/message.ts';
import { checkDnsSubdomain } from '../../text/name-format.ts';
import { podColumns } from './pod-columns.ts';
import { fillPod } from './pod-defaults.ts';
import { qosClass } from './pod-qos.ts';
import { type PodSpec, podSpec } from './pod-spec.ts';
import { type PodStatus, podStatus } from './pod-status.ts';
import { checkPodUpdate } from './pod-update-validation.ts';

export interface Pod extends ApiObject {
  readonly spec: PodSpec;
  readonly status?: PodStatus;
}

const podMessage: Message<Pod> = message({
  name: 'core.v1.Pod',
  description: 'Containers that live and die together on one node and share its network address.',
  fields: {
    ...apiObjectFields,
    spec: filled(nested(2, 'What the pod is to be.', podSpec)),
    status: nested(3, 'What became of it; written by its node.', podStatus),
  },
});

export const pod: Kind<Pod> = kind({
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  message: podMessage,
  verbs: allVerbs,
  subresources: [
    statusSubresource,
    { name: 'log', verbs: ['get'] },
    { name: 'binding', verbs: ['create'], body: { group: '', version: 'v1', kind: 'Binding' } },
    { name: 'eviction', verbs: ['create'], body: { group: 'policy', version: 'v1', kind: 'Eviction' } },
  ],
  nameFault: checkDnsSubdomain,
  fill: fillPod,
  prepareForCreate: (object) => {
    object.status = { phase: 'Pending', qosClass: qosClass(object.spec) };
  },
  specChanged: specDiffers,
  checkCreate,
  checkUpdate: checkPodUpdate,
  checkStatusUpdate: ({ status }, old, faults) => {
    const before = old.status?.qosClass;
    if (before !== undefined && status?.qosClass !== before) {
      faults.invalid('status.qosClass', status?.qosClass, 'field is immutable');
    }
  },
  columns: podColumns,
  selectableFields: {
    'spec.hostNetwork': ({ spec }) => String(spec.hostNetwork === true),
    'spec.nodeName': ({ spec }) => spec.nodeName,
    'spec.restartPolicy': ({ spec }) => spec.restartPolicy,
    'spec.schedulerName': ({ spec }) => spec.schedulerName,
    'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName,
    'status.nominatedNodeName': ({ status }) => status?.nominatedNodeName,
    'status.phase': ({ status }) => status?.phase,
    'status.podIP': ({ status }) => status?.podIP,
  },
});

/** Debugging containers are added to pods that run already. */
function checkCreate({ spec }: Pod, faults: FaultList): void {
  if ((spec.ephemeralContainers ?? []).length > 0) {
    faults.forbidden('spec.ephemeralContainers', 'cannot be set on create');
  }
}
