import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkJournal, type JournalVerdict } from './journal-check.ts';
import { checkTable } from './table-check.ts';

/** What the files of a LevelDB folder are worth, before LevelDB touches them. */
export interface LevelVerdict {
  readonly journals: JournalVerdict;
  /** What is wrong with tables or manifest: LevelDB must not be let near them, it may end the process. */
  readonly damage: string | undefined;
}

/**
 * Reads all files of a closed LevelDB and verifies their checksums. LevelDB itself would drop a damaged piece of its journal without a
 * word, and with it writes that were synced and answered; and it would use damaged blocks of its tables as if they were sound. Tables in `sound`
 * were verified before.
 */
export async function checkLevelFiles(folder: string, sound: ReadonlySet<string> = new Set()): Promise<LevelVerdict> {
  const names = await readdir(folder).catch(() => []);
  let journals: JournalVerdict = { kind: 'whole' };
  for (const name of names.sort()) {
    if (sound.has(name)) continue;
    if (/^\d+\.(ldb|sst)$/.test(name)) {
      const damage = checkTable(await readFile(join(folder, name)), name);
      if (damage !== undefined) return { journals, damage };
    } else if (/^MANIFEST-\d+$/.test(name)) {
      const verdict = checkJournal(await readFile(join(folder, name)), name);
      if (verdict.kind === 'damaged') return { journals, damage: verdict.reason };
    } else if (/^\d+\.log$/.test(name)) {
      journals = worse(journals, checkJournal(await readFile(join(folder, name)), name));
    }
  }
  return { journals, damage: undefined };
}

function worse(a: JournalVerdict, b: JournalVerdict): JournalVerdict {
  const rank = { whole: 0, torn: 1, damaged: 2 };
  return rank[b.kind] > rank[a.kind] ? b : a;
}
