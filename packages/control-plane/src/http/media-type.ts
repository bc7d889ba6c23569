/** One entry of an Accept or Content-Type header. */
export interface MediaType {
  /** In lower case, e.g. `application/json` or `*` + `/*`. */
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** In the order of preference: by `q`, then as written. Entries with `q=0` are left out. */
export function parseAccept(header: string | undefined): readonly MediaType[] {
  if (header === undefined || header.trim() === '') return [{ type: '*/*', parameters: {} }];
  return header
    .split(',')
    .map(parseMediaType)
    .map((entry) => ({ entry, quality: qualityOf(entry) }))
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ entry }) => entry);
}

export function parseMediaType(text: string): MediaType {
  const [type = '', ...rest] = text.split(';');
  const parameters: Record<string, string> = {};
  for (const part of rest) {
    const equals = part.indexOf('=');
    if (equals < 0) continue;
    const value = part.slice(equals + 1).trim();
    parameters[part.slice(0, equals).trim().toLowerCase()] = value.replace(/^"(.*)"$/, '$1');
  }
  return { type: type.trim().toLowerCase(), parameters };
}

function qualityOf(entry: MediaType): number {
  const quality = Number(entry.parameters['q'] ?? '1');
  return Number.isNaN(quality) ? 0 : quality;
}
