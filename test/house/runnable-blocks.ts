import { blocksOf } from './markdown.ts';
import { readSource, sourceFiles } from './source-tree.ts';

/**
 * Commands of a page that are executed by tests: fenced blocks of `sh` with the word `runnable`. With the word `cluster` besides, they
 * belong to a story that starts a local cluster and takes it down again.
 */
export interface RunnableBlock {
  readonly page: string;
  readonly line: number;
  readonly commands: string;
  readonly needsCluster: boolean;
}

export const runnableBlocks: readonly RunnableBlock[] = sourceFiles()
  .filter((file) => file.endsWith('.md'))
  .flatMap((page) =>
    blocksOf(readSource(page))
      .filter(({ language, words }) => language === 'sh' && words.includes('runnable'))
      .map(({ line, text, words }) => ({ page, line, commands: text, needsCluster: words.includes('cluster') })),
  );
