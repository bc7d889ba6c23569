import { parseAccept } from './media-type.ts';

export type MetaVersion = 'v1' | 'v1beta1';

/** How an object, a list or a watch is written in the answer. */
export type AnswerForm =
  | { readonly kind: 'object'; readonly encoding: Encoding }
  | { readonly kind: 'table'; readonly encoding: Encoding; readonly version: MetaVersion }
  | { readonly kind: 'metadata'; readonly encoding: Encoding; readonly version: MetaVersion };

export type Encoding = 'json' | 'yaml';

export const contentTypes: Readonly<Record<Encoding, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
};

/** Also what a 406 lists. */
export const answerMediaTypes: readonly string[] = Object.values(contentTypes);

const encodingByType: Readonly<Record<string, Encoding>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/*': 'json',
  '*/*': 'json',
};

const kindByTransformation: Readonly<Record<string, 'table' | 'metadata'>> = {
  Table: 'table',
  PartialObjectMetadata: 'metadata',
  PartialObjectMetadataList: 'metadata',
};

/**
 * The first form the client names that is served; undefined when none is, which is answered with 406. `transformed: false`
 * for answers that are no objects of a kind and have neither table nor metadata form.
 */
export function chooseForm(accept: string | undefined, served = { transformed: true }): AnswerForm | undefined {
  for (const { type, parameters } of parseAccept(accept)) {
    const encoding = encodingByType[type];
    if (encoding === undefined) continue;
    const transformation = parameters['as'];
    if (transformation === undefined) return { kind: 'object', encoding };
    if (!served.transformed) continue;
    const kind = kindByTransformation[transformation];
    const version = parameters['v'];
    if (kind === undefined || parameters['g'] !== 'meta.k8s.io') continue;
    if (version === 'v1' || version === 'v1beta1') return { kind, encoding, version };
  }
  return undefined;
}
