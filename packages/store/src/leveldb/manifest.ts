import { ByteCursor, LevelFault } from './byte-cursor.ts';
import { journalRecords } from './journal-check.ts';

/** Which files make up a LevelDB. */
export interface LevelInventory {
  readonly tables: ReadonlySet<number>;
  /** Journals below this number are part of the tables already. */
  readonly firstJournal: number;
}

/** What an edit says of a kind of fact, by its tag (LevelDB's db/version_edit.cc). */
const tags = {
  comparator: 1,
  journal: 2,
  nextFile: 3,
  lastSequence: 4,
  compactPointer: 5,
  deletedFile: 6,
  newFile: 7,
  previousJournal: 9,
} as const;

/** The sum of all edits in a manifest. Throws a `LevelFault` for what is none. */
export function readManifest(bytes: Uint8Array): LevelInventory {
  const tables = new Set<number>();
  let firstJournal = 0;
  for (const record of journalRecords(bytes)) {
    const cursor = new ByteCursor(record);
    while (cursor.left > 0) {
      const tag = cursor.varint();
      if (tag === tags.journal) firstJournal = cursor.varint();
      else if (tag === tags.deletedFile) tables.delete(fileOfLevel(cursor));
      else if (tag === tags.newFile) tables.add(newFile(cursor));
      else skip(cursor, tag);
    }
  }
  return { tables, firstJournal };
}

/** Level and number. */
function fileOfLevel(cursor: ByteCursor): number {
  cursor.varint();
  return cursor.varint();
}

/** Level, number, size, least and greatest key. */
function newFile(cursor: ByteCursor): number {
  const file = fileOfLevel(cursor);
  cursor.varint();
  cursor.block();
  cursor.block();
  return file;
}

function skip(cursor: ByteCursor, tag: number): void {
  switch (tag) {
    case tags.comparator:
      cursor.block();
      return;
    case tags.nextFile:
    case tags.lastSequence:
    case tags.previousJournal:
      cursor.varint();
      return;
    case tags.compactPointer:
      cursor.varint();
      cursor.block();
      return;
    default:
      throw new LevelFault(`a manifest does not speak of ${tag}`);
  }
}
