import { consensusV1 } from '@berth/wire';
import { expect, test } from 'vitest';
import { decodePeerFrame } from '../../src/transport/peer-frame-decoding.ts';
import { encodePeerFrame } from '../../src/transport/peer-frame-encoding.ts';

test.each([[[]], [[0]], [[1, 127, 128, 129]], [[16_383, 16_384, 3]], [[300_000, 0, 5]]])(
  'messages of %j bytes, and what is told with them, arrive as they were sent',
  (lengths) => {
    const messages = lengths.map((length, at) => Buffer.alloc(length, at + 1));
    for (const loopLagMs of [0, 300]) {
      const sent = framed(messages, loopLagMs);
      expect(decodePeerFrame(sent)).toEqual({ frame: { $case: 'messages', value: { messages, loopLagMs } } });
      expect(consensusV1.PeerFrame.decode(sent)).toEqual(decodePeerFrame(sent));
    }
  },
);

test('a message in pieces arrives as one', () => {
  const pieces = ['to', '', 'ge', 'ther'].map((piece) => Buffer.from(piece));
  const sent = encodePeerFrame({ $case: 'messages', messages: [pieces, [Buffer.from('alone')]], loopLagMs: 0 });
  expect(messagesOf(sent).map(String)).toEqual(['together', 'alone']);
});

test('other frames arrive, too', () => {
  const value = { ...consensusV1.PeerHello.decode(new Uint8Array(0)), groupId: 'group', member: 3 };
  expect(decodePeerFrame(encodePeerFrame({ $case: 'hello', value }))).toEqual({ frame: { $case: 'hello', value } });
});

test('messages with fields of a later version arrive without them', () => {
  const messages = [Buffer.from('one'), Buffer.from('two')];
  const known = framed(messages, 7);
  const later = Buffer.concat([known, Buffer.from([0x1a, 2, 1, 2])]);
  later[1] = (later[1] as number) + 4;
  expect(decodePeerFrame(later)).toEqual({ frame: { $case: 'messages', value: { messages, loopLagMs: 7 } } });
});

test('a frame that is cut off is refused', () => {
  const frame = framed([Buffer.alloc(300, 1)], 3);
  for (const length of [1, 2, 4, 100, frame.length - 1])
    expect(() => decodePeerFrame(Buffer.from(frame.subarray(0, length)))).toThrow(RangeError);
});

test('messages of a frame share its memory, and never hold that of others', () => {
  const sent = framed([Buffer.alloc(5000)], 0);
  const pool = Buffer.alloc(64 * 1024);
  pool.set(sent, 100);
  const [alone] = messagesOf(sent);
  const [pooled] = messagesOf(pool.subarray(100, 100 + sent.length));
  expect(alone?.buffer).toBe(sent.buffer);
  expect(pooled?.buffer.byteLength).toBe(sent.length);
});

function messagesOf(bytes: Buffer): readonly Buffer[] {
  const { frame } = decodePeerFrame(bytes);
  return frame?.$case === 'messages' ? frame.value.messages : [];
}

function framed(messages: readonly Buffer[], loopLagMs: number): Buffer {
  return encodePeerFrame({ $case: 'messages', messages: messages.map((message) => [message]), loopLagMs });
}
