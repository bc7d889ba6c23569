import { type ApiObject, apiObjectFields } from '../../kind/api-object.ts';
import { allVerbs, type Kind, kind } from '../../kind/kind.ts';
import { ageColumn, nameColumn, textColumn } from '../../kind/table-column.ts';
import { filled } from '../../schema/field.ts';
import { int32, microTime, nested, text } from '../../schema/field-builder.ts';
import { type Message, message } from '../../schema/message.ts';
import { checkDnsSubdomain } from '../../text/name-format.ts';

export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
  readonly strategy?: string;
  readonly preferredHolder?: string;
}

const leaseSpec: Message<LeaseSpec> = message({
  name: 'coordination.v1.LeaseSpec',
  description: 'Who holds a lease, and how long.',
  fields: {
    holderIdentity: text(1, 'Who holds it.', { keepZero: true }),
    leaseDurationSeconds: int32(2, 'How long after renewTime it counts as held.', { keepZero: true, min: 1 }),
    acquireTime: microTime(3, 'When it was taken.'),
    renewTime: microTime(4, 'When it was last renewed.'),
    leaseTransitions: int32(5, 'How often the holder changed.', { keepZero: true, min: 0 }),
    strategy: text(6, 'How the holder is chosen.', {
      keepZero: true,
      refused: 'coordinated leader election is not served by Berth yet',
    }),
    preferredHolder: text(7, 'Who should take it over.', {
      keepZero: true,
      refused: 'coordinated leader election is not served by Berth yet',
    }),
  },
});

export interface Lease extends ApiObject {
  readonly spec: LeaseSpec;
}

const leaseMessage: Message<Lease> = message({
  name: 'coordination.v1.Lease',
  description: 'A claim that one of several holds for a time.',
  fields: {
    ...apiObjectFields,
    spec: filled(nested(2, 'Who holds it, and how long.', leaseSpec)),
  },
});

export const lease: Kind<Lease> = kind({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  singular: 'lease',
  shortNames: [],
  categories: [],
  namespaced: true,
  message: leaseMessage,
  verbs: allVerbs,
  subresources: [],
  nameFault: checkDnsSubdomain,
  columns: [nameColumn, textColumn('Holder', 'Who holds it.', ({ spec }) => spec.holderIdentity ?? ''), ageColumn],
  selectableFields: {},
});
