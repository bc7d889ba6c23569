import { type ApiObject, apiObjectFields } from '../../kind/api-object.ts';
import { allVerbs, type Kind, kind } from '../../kind/kind.ts';
import { ageColumn, nameColumn, numberColumn } from '../../kind/table-column.ts';
import { bytesMap, flag, textMap } from '../../schema/field-builder.ts';
import { type Message, message } from '../../schema/message.ts';
import { checkDnsSubdomain } from '../../text/name-format.ts';
import { checkConfigMap } from './config-map-validation.ts';
import { checkImmutableData } from './data-validation.ts';

export interface ConfigMap extends ApiObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
}

const configMapMessage: Message<ConfigMap> = message({
  name: 'core.v1.ConfigMap',
  description: 'Configuration that pods read as files or variables.',
  fields: {
    ...apiObjectFields,
    data: textMap(2, 'Texts by key.'),
    binaryData: bytesMap(3, 'Bytes by key, in base64.'),
    immutable: flag(4, 'Whether the data can no longer be changed.', { keepZero: true }),
  },
  check: checkConfigMap,
});

export const configMap: Kind<ConfigMap> = kind({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  categories: [],
  namespaced: true,
  message: configMapMessage,
  verbs: allVerbs,
  subresources: [],
  nameFault: checkDnsSubdomain,
  checkUpdate: (next, old, faults) => checkImmutableData(next, old, ['data', 'binaryData'], faults),
  columns: [
    nameColumn,
    numberColumn(
      'Data',
      'Number of keys.',
      ({ data = {}, binaryData = {} }) => Object.keys(data).length + Object.keys(binaryData).length,
    ),
    ageColumn,
  ],
  selectableFields: {},
});
