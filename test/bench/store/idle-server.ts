import { revision } from '@berth/store';
import { openKvDoor } from './kv-door.ts';
import { sampleValue } from './sample-value.ts';

// The program of a server that answers at once and keeps nothing.
const kv = { createRevision: revision(1), modRevision: revision(1), version: 1, value: sampleValue(256) };
await openKvDoor(
  {
    txn: async () => ({ succeeded: true, revision: revision(1), responses: [] }),
    range: async ({ from }) => ({ revision: revision(1), kvs: [{ ...kv, key: from }], more: false, count: 1 }),
  },
  process.argv[2] ?? '',
);
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
