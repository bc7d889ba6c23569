import { open } from 'node:fs/promises';

/** Makes names in a folder durable: a file that was synced can still be without its name after a crash of the machine. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
