import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ByteCursor, LevelFault, littleEndian } from './byte-cursor.ts';
import { journalRecords } from './journal-check.ts';
import { LevelTable } from './level-table.ts';

const deletion = 0;
/** Behind every key in a table: sequence number (7 bytes) and type (1). */
const tagBytes = 8;

interface Version {
  readonly sequence: number;
  /** Undefined: deleted. */
  readonly value: Uint8Array | undefined;
}

/**
 * Reads what is left of a damaged LevelDB folder, without LevelDB: all blocks and journal records that verify. Of each wanted key the
 * newest version found; a newer one may have been lost, so the whole must be proven by other means. Sequence numbers above 2^53 do not
 * occur in the life of a database.
 */
export async function salvage(folder: string, wanted: (key: string) => boolean): Promise<Map<string, Uint8Array>> {
  const newest = new Map<string, Version>();
  const note = (keyBytes: Uint8Array, sequence: number, value: Uint8Array | undefined): void => {
    const key = Buffer.from(keyBytes).toString();
    if (!wanted(key) || (newest.get(key)?.sequence ?? -1) > sequence) return;
    newest.set(key, { sequence, value: value === undefined ? undefined : new Uint8Array(value) });
  };
  for (const name of (await readdir(folder)).sort()) {
    if (/^\d+\.(ldb|sst)$/.test(name)) readTable(new LevelTable(await readFile(join(folder, name))), note);
    else if (/^\d+\.log$/.test(name)) readJournal(await readFile(join(folder, name)), note);
  }
  const found = new Map<string, Uint8Array>();
  for (const [key, { value }] of newest) if (value !== undefined) found.set(key, value);
  return found;
}

type Note = (key: Uint8Array, sequence: number, value: Uint8Array | undefined) => void;

/** Skips blocks that do not verify; without its index a table is lost as a whole. */
function readTable(table: LevelTable, note: Note): void {
  tolerant(() => {
    for (const handle of table.handles(table.indexes().index)) {
      tolerant(() => {
        for (const [internal, value] of table.entries(handle)) {
          const key = internal.subarray(0, internal.length - tagBytes);
          const tag = internal.subarray(internal.length - tagBytes);
          note(key, littleEndian(tag.subarray(1)), tag[0] === deletion ? undefined : value);
        }
      });
    }
  });
}

/** A journal record is a batch: sequence number of its first change (8 bytes), their number (4), the changes. */
function readJournal(bytes: Uint8Array, note: Note): void {
  for (const record of journalRecords(bytes)) {
    tolerant(() => {
      const cursor = new ByteCursor(record);
      let sequence = littleEndian(cursor.take(8));
      cursor.take(4);
      while (cursor.left > 0) {
        const type = cursor.byte();
        const key = cursor.block();
        note(key, sequence, type === deletion ? undefined : cursor.block());
        sequence += 1;
      }
    });
  }
}

function tolerant(read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof LevelFault)) throw error;
  }
}
