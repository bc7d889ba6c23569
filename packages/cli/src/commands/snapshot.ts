import { existsSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { storeFolder } from '@berth/control-plane';
import {
  inspectSnapshot,
  restoreSnapshot,
  type SnapshotDescription,
  type SnapshotHeadline,
  saveSnapshot,
  verifySnapshot,
} from '@berth/store';
import type { World } from '@berth/world';
import type { ApiClient } from '../client/api-client.ts';
import { formatTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Bytes between two words about how far it is. */
const progressBytes = 1024 * 1024;

/** Fetches the whole state into a file, which is complete and verified, or not there. */
export async function save(
  client: ApiClient,
  terminal: Terminal,
  file: string,
  consistency: 'linearizable' | 'local',
): Promise<number> {
  const stream = await client.open({ path: '/berth/v1/snapshot', query: { consistency }, accept: '*/*' });
  const description = await saveSnapshot(watched(stream, terminal), file);
  terminal.status('');
  printDescription(terminal, file, description);
  return 0;
}

async function* watched(stream: AsyncIterable<Uint8Array>, terminal: Terminal): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  let told = 0;
  for await (const piece of stream) {
    bytes += piece.length;
    if (bytes - told >= progressBytes) {
      told = bytes;
      terminal.status(`saving: ${megabytes(bytes)}`);
    }
    yield piece;
  }
}

export async function inspect(terminal: Terminal, file: string): Promise<number> {
  printDescription(terminal, file, await inspectSnapshot(file));
  return 0;
}

export async function verify(terminal: Terminal, file: string): Promise<number> {
  printDescription(terminal, file, await verifySnapshot(file));
  terminal.line(terminal.style('green', 'whole: every record and the state hash verify'));
  return 0;
}

export interface RestoreFlags {
  readonly dataDir: string;
  /** Default: whose directory it is, or the first member in the snapshot. */
  readonly name?: string;
  /** Sets a store aside that is there already. */
  readonly replace?: boolean;
}

/** Makes the data directory of a server that begins a new cluster out of the snapshot. Keys that lie there already stay. */
export async function restore(terminal: Terminal, world: World, file: string, flags: RestoreFlags): Promise<number> {
  const { members } = await inspectSnapshot(file);
  const name = flags.name ?? (await nameOf(flags.dataDir)) ?? members[0]?.name ?? 'server-1';
  const addresses = members.find((member) => member.name === name) ?? unknownAddresses;
  const folder = storeFolder(flags.dataDir);
  if (existsSync(folder)) {
    if (flags.replace !== true)
      throw new Error(
        `${folder} holds a store already: stop its server, and say --replace to set the store aside and restore in its place`,
      );
    const aside = `${folder}.replaced-${new Date(world.clock.wallMs()).toISOString().replaceAll(':', '-')}`;
    await rename(folder, aside);
    terminal.line(`the old store is set aside: ${aside}`);
  }
  const { revision } = await restoreSnapshot({
    world,
    snapshot: file,
    dataDirectory: folder,
    member: { ...addresses, name },
  });
  terminal.line(`restored at revision ${revision}; start it: berth server --name ${name} --data-dir ${flags.dataDir}`);
  if (!existsSync(join(flags.dataDir, 'pki', 'ca.key')))
    terminal.line(
      `${flags.dataDir} has no authority: agents and administrators trust the new server only if ca.crt and ca.key of the old cluster lie in ${join(flags.dataDir, 'pki')} before it starts`,
    );
  return 0;
}

/** Until the server starts and says better. */
const unknownAddresses = {
  apiAddress: '127.0.0.1:6443',
  gatewayAddress: '127.0.0.1:6444',
  peerAddress: '127.0.0.1:6445',
};

async function nameOf(dataDir: string): Promise<string | undefined> {
  try {
    return (JSON.parse(await readFile(join(dataDir, 'server.json'), 'utf8')) as { readonly name: string }).name;
  } catch {
    return undefined;
  }
}

function printDescription(terminal: Terminal, file: string, found: SnapshotHeadline | SnapshotDescription): void {
  const rows = [
    ['File:', file],
    ['Size:', megabytes(found.bytes)],
    ['Cluster:', found.clusterId],
    ['Revision:', `${found.revision}, history from ${found.compactRevision}`],
    ['Time:', new Date(found.wallMs).toISOString()],
    ['Keys:', String(found.keys)],
    ['Log:', `up to index ${found.index} of term ${found.term}`],
    ['Members:', found.members.map(({ name }) => name).join(', ')],
  ];
  for (const line of formatTable(rows)) terminal.line(line);
}

function megabytes(bytes: number): string {
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
