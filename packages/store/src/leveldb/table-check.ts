import { LevelFault } from './byte-cursor.ts';
import { LevelTable } from './level-table.ts';

/**
 * Verifies a table file of LevelDB: every block that its indexes name, and the indexes themselves. LevelDB reads blocks without verifying
 * them, and a damaged one can end the whole process. Returns what is wrong, or undefined.
 */
export function checkTable(bytes: Uint8Array, name: string): string | undefined {
  try {
    const table = new LevelTable(bytes);
    const { metaIndex, index } = table.indexes();
    for (const each of [metaIndex, index]) for (const handle of table.handles(each)) table.verify(handle);
    return undefined;
  } catch (error) {
    if (error instanceof LevelFault) return `${name}: ${error.message}`;
    throw error;
  }
}
