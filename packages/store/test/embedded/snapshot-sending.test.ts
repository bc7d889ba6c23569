import { crc32 } from 'node:zlib';
import { realWorld } from '@berth/world';
import { expect, test } from 'vitest';
import { SnapshotSending } from '../../src/embedded/snapshot-sending.ts';
import type { LoadedChunk, ToCore } from '../../src/link/core-messages.ts';
import { SnapshotSource } from '../../src/snapshot/snapshot-source.ts';
import { openState } from '../state-in-use.ts';
import { testFolder } from '../test-folder.ts';

const folder = await testFolder('snapshot-sending');
const maxBytes = 1000;

test('a snapshot is sent chunk by chunk, each with its checksum; one that is asked for again, earlier or first of all is the same', async () => {
  const { state, write } = await openState(`${folder}/state`);
  write(1);
  await state.writer.sync();
  const sending = new SnapshotSending(realWorld);
  const answerTo = async (message: Parameters<SnapshotSending['carryOut']>[0]): Promise<ToCore> => {
    const answers: ToCore[] = [];
    await sending.carryOut(message, state, (answer) => answers.push(answer));
    return answers[0] as ToCore;
  };
  const open = async (): Promise<number> => {
    const opened = await answerTo({ kind: 'open-snapshot', to: 2, atLeast: 1 });
    return opened.kind === 'snapshot-opened' ? opened.snapshotId : 0;
  };
  const snapshotId = await open();
  const load = async (offset: number, id: number): Promise<{ readonly bytes: Buffer; readonly last: boolean }> => {
    const answer = (await answerTo({ kind: 'load-chunk', to: 2, snapshotId: id, offset, maxBytes })) as LoadedChunk;
    expect(answer).toMatchObject({ kind: 'chunk-loaded', to: 2, snapshotId: id, offset, checksum: crc32(answer.data) });
    return { bytes: Buffer.from(answer.data), last: answer.last };
  };

  const chunks: Buffer[] = [];
  for (let last = false; !last; ) {
    const chunk = await load(chunks.length * maxBytes, snapshotId);
    expect(await load(chunks.length * maxBytes, snapshotId)).toEqual(chunk);
    chunks.push(chunk.bytes);
    last = chunk.last;
  }
  expect(chunks.length).toBeGreaterThan(5);
  expect(Buffer.concat(chunks).equals(await wholeOf(state.database))).toBe(true);
  for (const earlier of [3, 0, chunks.length - 1])
    expect(await load(earlier * maxBytes, snapshotId)).toEqual({
      bytes: chunks[earlier],
      last: earlier === chunks.length - 1,
    });

  const another = await open();
  expect(await load(4 * maxBytes, another)).toEqual({ bytes: chunks[4], last: false });
  await sending.closeAll();
  expect(await answerTo({ kind: 'load-chunk', to: 2, snapshotId, offset: 0, maxBytes })).toEqual({
    kind: 'snapshot-unavailable',
    to: 2,
  });
  await state.close();
});

async function wholeOf(database: Parameters<typeof SnapshotSource.ofFiles>[0]): Promise<Buffer> {
  const source = await SnapshotSource.ofFiles(database);
  const pieces: Buffer[] = [];
  for await (const piece of source?.stream() ?? []) pieces.push(Buffer.from(piece));
  await source?.close();
  return Buffer.concat(pieces);
}
