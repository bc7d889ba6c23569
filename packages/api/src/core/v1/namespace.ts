import type { FaultList } from '../../errors/fault-list.ts';
import { type ApiObject, apiObjectFields } from '../../kind/api-object.ts';
import { allVerbs, type Kind, kind, statusSubresource } from '../../kind/kind.ts';
import { ageColumn, nameColumn, textColumn } from '../../kind/table-column.ts';
import { filled, required } from '../../schema/field.ts';
import { list, nested, text, texts, time } from '../../schema/field-builder.ts';
import { atomicList, mergedBy } from '../../schema/field-facts.ts';
import type { Draft } from '../../schema/message.ts';
import { type Message, message } from '../../schema/message.ts';
import { qualifiedName } from '../../schema/text-formats.ts';
import { checkDnsLabel } from '../../text/name-format.ts';

export interface NamespaceCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

const namespaceCondition: Message<NamespaceCondition> = message({
  name: 'core.v1.NamespaceCondition',
  description: 'What holds up a deletion.',
  fields: {
    type: required(text(1, 'What is observed.')),
    status: required(text(2, 'Whether it is so.', { values: ['False', 'True', 'Unknown'] })),
    lastTransitionTime: time(4, 'When status last changed.'),
    reason: text(5, 'Why, as one word.'),
    message: text(6, 'Why, in a sentence.'),
  },
});

export interface NamespaceSpec {
  readonly finalizers?: readonly string[];
}

const namespaceSpec: Message<NamespaceSpec> = message({
  name: 'core.v1.NamespaceSpec',
  description: 'What keeps a namespace from going.',
  fields: {
    finalizers: texts(1, 'Those who must do something before the namespace goes.', {
      ...atomicList,
      each: { format: qualifiedName },
    }),
  },
});

export interface NamespaceStatus {
  readonly phase?: string;
  readonly conditions?: readonly NamespaceCondition[];
}

const namespaceStatus: Message<NamespaceStatus> = message({
  name: 'core.v1.NamespaceStatus',
  description: 'Whether a namespace can be used.',
  fields: {
    phase: text(1, 'Terminating once its deletion was asked for.', {
      default: 'Active',
      values: ['Active', 'Terminating'],
    }),
    conditions: list(2, 'What holds up a deletion.', namespaceCondition, mergedBy('type')),
  },
});

export interface Namespace extends ApiObject {
  readonly spec: NamespaceSpec;
  readonly status?: NamespaceStatus;
}

const namespaceMessage: Message<Namespace> = message({
  name: 'core.v1.Namespace',
  description: 'A room for the names of objects.',
  fields: {
    ...apiObjectFields,
    spec: filled(nested(2, 'What keeps it from going.', namespaceSpec)),
    status: nested(3, 'Whether it can be used.', namespaceStatus, { default: {} }),
  },
});

/** By this label selectors of namespaces can name one. Kept by the server. */
const nameLabel = 'kubernetes.io/metadata.name';

/** Stands for the content of a namespace: taken away once all objects in it are gone. */
export const namespaceFinalizer = 'kubernetes';

function setNameLabel({ metadata }: Draft<Namespace>): void {
  if (metadata.name !== undefined) metadata.labels = { ...metadata.labels, [nameLabel]: metadata.name };
}

function prepareNamespace(namespace: Draft<Namespace>): void {
  setNameLabel(namespace);
  namespace.status = { phase: 'Active' };
  const finalizers = namespace.spec.finalizers ?? [];
  if (!finalizers.includes(namespaceFinalizer)) namespace.spec.finalizers = [...finalizers, namespaceFinalizer];
}

function checkPhase({ metadata, status }: Namespace, _old: Namespace, faults: FaultList): void {
  const isTerminating = status?.phase === 'Terminating';
  if (metadata.deletionTimestamp === undefined && isTerminating) {
    faults.invalid('status.phase', status.phase, "may only be 'Active' if `deletionTimestamp` is empty");
  }
  if (metadata.deletionTimestamp !== undefined && !isTerminating) {
    faults.invalid('status.phase', status?.phase, "may only be 'Terminating' if `deletionTimestamp` is not empty");
  }
}

export const namespace: Kind<Namespace> = kind({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  categories: [],
  namespaced: false,
  message: namespaceMessage,
  verbs: allVerbs.filter((verb) => verb !== 'deletecollection'),
  subresources: [statusSubresource, { name: 'finalize', verbs: ['update'] }],
  nameFault: checkDnsLabel,
  prepareForCreate: prepareNamespace,
  prepareForUpdate: (object, old) => {
    setNameLabel(object);
    object.spec = { ...old.spec } as Draft<NamespaceSpec>;
  },
  checkStatusUpdate: checkPhase,
  columns: [
    nameColumn,
    textColumn('Status', 'Whether the namespace can be used.', ({ status }) => status?.phase ?? ''),
    ageColumn,
  ],
  selectableFields: { 'status.phase': ({ status }) => status?.phase },
});
