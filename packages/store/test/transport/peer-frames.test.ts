import { consensusV1 } from '@berth/wire';
import { expect, test } from 'vitest';
import { encodePeerFrame } from '../../src/transport/peer-frame-encoding.ts';

test.each([[[]], [[0]], [[1, 127, 128, 129]], [[16_383, 16_384, 3]], [[300_000, 0, 5]]])(
  'messages of %j bytes, and what is told with them, arrive as they were sent',
  (lengths) => {
    const messages = lengths.map((length, at) => Buffer.alloc(length, at + 1));
    expectArrival({ frame: { $case: 'messages', value: { messages, loopLagMs: 300 } } });
    expectArrival({ frame: { $case: 'messages', value: { messages, loopLagMs: 0 } } });
  },
);

test('other frames arrive, too', () => {
  expectArrival({ frame: { $case: 'refusal', value: { message: 'go away', removed: true } } });
});

function expectArrival(frame: consensusV1.PeerFrame): void {
  expect(consensusV1.PeerFrame.decode(encodePeerFrame(frame))).toEqual(frame);
}
