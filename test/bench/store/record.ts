import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const defaultPage: string = fileURLToPath(new URL('../../../docs/benchmarks-store.md', import.meta.url));

/** Puts what was found out about one part between its marks; everything else on the page stays as it is. */
export function record(page: string, part: string, report: string): void {
  const text = readFileSync(existsSync(page) ? page : defaultPage, 'utf8');
  const [begin, end] = [`<!-- measured: ${part} -->`, `<!-- end: ${part} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`${page} has no place for "${part}": expected the lines ${begin} and ${end}`);
  writeFileSync(page, `${text.slice(0, from)}${begin}\n\n${report}\n\n${text.slice(to)}`);
}
