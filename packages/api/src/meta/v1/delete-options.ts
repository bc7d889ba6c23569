import { typeFields } from '../../kind/api-object.ts';
import { flag, int64, nested, text, texts } from '../../schema/field-builder.ts';
import { atomicList } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';

export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

const preconditions: Message<Preconditions> = message({
  name: 'meta.v1.Preconditions',
  description: 'What must be so before an operation is carried out.',
  fields: {
    uid: text(1, 'The object must have this uid.', { keepZero: true }),
    resourceVersion: text(2, 'The object must be at this version.', { keepZero: true }),
  },
});

export interface DeleteOptions {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: Preconditions;
  readonly orphanDependents?: boolean;
  readonly propagationPolicy?: string;
  readonly dryRun?: readonly string[];
  readonly ignoreStoreReadErrorWithClusterBreakingPotential?: boolean;
}

export const deleteOptionsMessage: Message<DeleteOptions> = message({
  name: 'meta.v1.DeleteOptions',
  description: 'How an object is to be deleted.',
  fields: {
    ...typeFields,
    gracePeriodSeconds: int64(1, "Time to end in; 0 means at once, absent means the kind's own.", {
      keepZero: true,
      min: 0,
    }),
    preconditions: nested(2, 'What must be so, else the deletion is refused with a conflict.', preconditions),
    orphanDependents: flag(3, 'Old form of propagationPolicy: true is Orphan, false is Background.', {
      keepZero: true,
    }),
    propagationPolicy: text(
      4,
      'What happens to the objects that belong to this one: they go after it, before it, or stay.',
      { keepZero: true, values: ['Background', 'Foreground', 'Orphan'] },
    ),
    dryRun: texts(5, 'With All nothing is stored.', { ...atomicList, each: { values: ['All'] } }),
    ignoreStoreReadErrorWithClusterBreakingPotential: flag(6, 'Kubernetes deletes unreadable objects with this.', {
      keepZero: true,
      refused: 'deleting unreadable objects is not served by Berth yet',
    }),
  },
});
