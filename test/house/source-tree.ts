import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Root of the repository, with a slash at its end. */
export const root: string = fileURLToPath(new URL('../../', import.meta.url));

/** Files that are or could be committed, relative to the root, in order. */
export function sourceFiles(): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  return [...new Set(listed.split('\n'))].filter((file) => file !== '' && existsSync(root + file)).sort();
}

export function readSource(file: string): string {
  return readFileSync(root + file, 'utf8');
}

/** A TypeScript file without its comments. Texts that look like comments go as well, which is no harm for a search. */
export function readCode(file: string): string {
  return readSource(file).replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '');
}
