import { type ApiObject, apiObjectFields } from '../../kind/api-object.ts';
import { allVerbs, type Kind, kind } from '../../kind/kind.ts';
import { ageColumn, nameColumn, numberColumn } from '../../kind/table-column.ts';
import { flag, list } from '../../schema/field-builder.ts';
import { atomicList, mergedBy } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { checkDnsSubdomain } from '../../text/name-format.ts';
import {
  type LocalObjectReference,
  localObjectReference,
  type ObjectReference,
  objectReference,
} from './object-reference.ts';

export interface ServiceAccount extends ApiObject {
  readonly secrets?: readonly ObjectReference[];
  readonly imagePullSecrets?: readonly LocalObjectReference[];
  readonly automountServiceAccountToken?: boolean;
}

const serviceAccountMessage: Message<ServiceAccount> = message({
  name: 'core.v1.ServiceAccount',
  description: 'An identity for the processes of pods.',
  fields: {
    ...apiObjectFields,
    secrets: list(2, 'Secrets that pods of the account may use.', objectReference, mergedBy('name')),
    imagePullSecrets: list(3, "Secrets for the registries of the pods' images.", localObjectReference, atomicList),
    automountServiceAccountToken: flag(4, 'Whether pods get a token of the account mounted.', { keepZero: true }),
  },
});

export const serviceAccount: Kind<ServiceAccount> = kind({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  categories: [],
  namespaced: true,
  message: serviceAccountMessage,
  verbs: allVerbs,
  subresources: [],
  nameFault: checkDnsSubdomain,
  columns: [
    nameColumn,
    numberColumn(
      'Secrets',
      'Number of secrets that pods of the account may use.',
      ({ secrets = [] }) => secrets.length,
    ),
    ageColumn,
  ],
  selectableFields: {},
});
