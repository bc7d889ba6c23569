import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { linksOf, tablesOf } from './markdown.ts';
import { readSource } from './source-tree.ts';

const page = 'docs/limits.md';

interface Limit {
  /** As the page shows it, e.g. `3 MiB`. */
  readonly shown: string;
  readonly name: string;
  readonly file: string;
}

/** Rows whose last cell names where the number stands: a link to the file with the name of the constant as its text. */
const limits = tablesOf(readSource(page)).flatMap(({ rows }) =>
  rows.map((row): Limit => {
    const [link] = linksOf(row.at(-1) ?? '');
    if (link === undefined) throw new Error(`${page}: the row "${row[0]}" does not say where its number stands`);
    return {
      shown: row[1] ?? '',
      name: link.text.replaceAll('`', ''),
      file: normalize(join(dirname(page), link.target)),
    };
  }),
);

test.each(limits)('$name of $file is $shown', ({ shown, name, file }) => {
  expect(amountOf(shown)).toBe(valueIn(readSource(file), name));
});

const units: Readonly<Record<string, number>> = {
  '': 1,
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  days: 86_400_000,
  bytes: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  '%': 0.01,
};

/** `1.5 MiB` in bytes, `10 min` in milliseconds, `3 %` as a share. */
function amountOf(shown: string): number {
  const { number = '', unit = '' } = /^(?<number>[\d.,]+)(?: (?<unit>\S+))?$/.exec(shown)?.groups ?? {};
  const factor = units[unit];
  if (number === '' || factor === undefined) throw new Error(`${page}: "${shown}" is no amount with a known unit`);
  return Number(number.replaceAll(',', '')) * factor;
}

/** The number that a source file gives to a constant or a field, e.g. `bodyBytes` or `tokenTtlSeconds.default`; seconds become milliseconds. */
function valueIn(source: string, name: string): number {
  const [outer = '', inner] = name.split('.');
  const value =
    inner === undefined ? numberNamed(outer, source) : numberNamed(inner, source.slice(source.indexOf(`${outer} =`)));
  return /seconds/i.test(outer) ? value * 1000 : value;
}

/** The first of `NAME = NUMBER`, `NAME: NUMBER` and `NAME: … ?? NUMBER`. */
function numberNamed(name: string, source: string): number {
  const pattern = new RegExp(
    `\\b${name}(?:: number)?\\s*[=:]\\s*(?:[\\w.]+ \\?\\? )?(?<value>[\\d(][^,;}\\n]*|[KM]iB)[,;}\\s]`,
  );
  const value = pattern.exec(source)?.groups?.['value'];
  if (value === undefined) throw new Error(`no number is called ${name}`);
  const arithmetic = value.replaceAll('_', '').replaceAll(/[a-z]\w*/gi, (word) => String(wordValue(word, source)));
  if (!/^[\d\s.*+<()-]+$/.test(arithmetic)) throw new Error(`${name} is more than arithmetic: ${value}`);
  return Number(new Function(`return ${arithmetic}`)());
}

function wordValue(word: string, source: string): number {
  return units[word] ?? numberNamed(word, source);
}
