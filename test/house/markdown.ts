/** A table of a page, with the headings it stands under. Cells are trimmed and keep their marks. */
export interface PageTable {
  /** Text of the nearest heading above. */
  readonly heading: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A fenced block: ```` ```sh runnable cluster ```` has the language `sh` and the words `runnable`, `cluster`. */
export interface PageBlock {
  readonly language: string;
  readonly words: readonly string[];
  readonly text: string;
  /** Of the opening fence, counted from 1. */
  readonly line: number;
}

export interface PageLink {
  readonly text: string;
  readonly target: string;
}

const fence = /^```(?<info>.*)$/;
const tableRow = /^\|(?<cells>.*)\|$/;
const heading = /^#+ (?<text>.*)$/;

export function blocksOf(page: string): readonly PageBlock[] {
  const blocks: PageBlock[] = [];
  let open: { readonly info: string; readonly line: number; readonly lines: string[] } | undefined;
  for (const [index, line] of page.split('\n').entries()) {
    const info = fence.exec(line)?.groups?.['info'];
    if (open === undefined) {
      if (info !== undefined) open = { info, line: index + 1, lines: [] };
    } else if (line === '```') {
      const [language = '', ...words] = open.info.trim().split(/\s+/);
      blocks.push({ language, words, text: open.lines.join('\n'), line: open.line });
      open = undefined;
    } else {
      open.lines.push(line);
    }
  }
  return blocks;
}

export function tablesOf(page: string): readonly PageTable[] {
  const tables: PageTable[] = [];
  let above = '';
  let rows: (readonly string[])[] = [];
  const finish = (): void => {
    const [columns, , ...body] = rows;
    if (columns !== undefined) tables.push({ heading: above, columns, rows: body });
    rows = [];
  };
  for (const line of proseOf(page).split('\n')) {
    const cells = tableRow.exec(line.trim())?.groups?.['cells'];
    if (cells !== undefined) {
      rows.push(cells.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|')));
      continue;
    }
    finish();
    above = heading.exec(line)?.groups?.['text'] ?? above;
  }
  finish();
  return tables;
}

/** Inline links and pictures outside of code. */
export function linksOf(page: string): readonly PageLink[] {
  const matches = proseOf(page).matchAll(/!?\[(?<text>(?:[^\][]|\[[^\]]*\])*)\]\((?<target>[^()\s]+)\)/g);
  return [...matches].map(({ groups }) => ({ text: groups?.['text'] ?? '', target: groups?.['target'] ?? '' }));
}

/** What `#…` in a link may name, as forges make it of headings. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const texts = proseOf(page)
    .split('\n')
    .flatMap((line) => heading.exec(line)?.groups?.['text'] ?? []);
  return new Set(
    texts.map((text) =>
      text
        .toLowerCase()
        .replaceAll(/[^\p{Letter}\p{Number} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** The one code span of a cell; throws when there is none, since a row without a name is a mistake in the page. */
export function codeOf(cell: string): string {
  const code = /`(?<code>[^`]+)`/.exec(cell)?.groups?.['code'];
  if (code === undefined) throw new Error(`no code in the cell "${cell}"`);
  return code;
}

function proseOf(page: string): string {
  const lines: string[] = [];
  let inside = false;
  for (const line of page.split('\n')) {
    const isFence = fence.test(line);
    lines.push(inside || isFence ? '' : line);
    if (isFence) inside = !inside;
  }
  return lines.join('\n');
}
