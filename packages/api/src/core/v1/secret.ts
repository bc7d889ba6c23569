import { type ApiObject, apiObjectFields } from '../../kind/api-object.ts';
import { allVerbs, type Kind, kind } from '../../kind/kind.ts';
import { ageColumn, nameColumn, numberColumn, textColumn } from '../../kind/table-column.ts';
import { bytesMap, flag, text, textMap } from '../../schema/field-builder.ts';
import { type Message, message } from '../../schema/message.ts';
import { checkDnsSubdomain } from '../../text/name-format.ts';
import { checkImmutableData } from './data-validation.ts';
import { fillSecret } from './secret-defaults.ts';
import { checkSecret } from './secret-validation.ts';

export interface Secret extends ApiObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
}

const secretMessage: Message<Secret> = message({
  name: 'core.v1.Secret',
  description: 'Small confidential data that pods read as files or variables.',
  fields: {
    ...apiObjectFields,
    data: bytesMap(2, 'Bytes by key, in base64.'),
    type: text(3, 'What the data is for; some types demand certain keys.', { default: 'Opaque', immutable: true }),
    stringData: textMap(4, 'Texts by key, for writing only: they are put into data.'),
    immutable: flag(5, 'Whether the data can no longer be changed.', { keepZero: true }),
  },
  fill: fillSecret,
  check: checkSecret,
});

export const secret: Kind<Secret> = kind({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  shortNames: [],
  categories: [],
  namespaced: true,
  message: secretMessage,
  verbs: allVerbs,
  subresources: [],
  nameFault: checkDnsSubdomain,
  checkUpdate: (next, old, faults) => checkImmutableData(next, old, ['data'], faults),
  columns: [
    nameColumn,
    textColumn('Type', 'What the data is for.', ({ type }) => type ?? ''),
    numberColumn('Data', 'Number of keys.', ({ data = {} }) => Object.keys(data).length),
    ageColumn,
  ],
  selectableFields: { type: ({ type }) => type },
});
