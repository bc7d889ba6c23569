import { setTimeout as pause } from 'node:timers/promises';
import { etcdV3 } from '@berth/wire';
import { credentials, Metadata } from '@grpc/grpc-js';

const deadlineMs = 500;
const askAgainMs = 20;

/** The revision that a member has applied, as it says itself; undefined when it does not answer. */
export async function appliedRevision(endpoint: string): Promise<number | undefined> {
  const client = new etcdV3.KVClient(endpoint, credentials.createInsecure());
  const none = { limit: 0, revision: 0, keysOnly: false, countOnly: true };
  const request = { ...none, key: Buffer.from('/probe'), rangeEnd: Buffer.alloc(0), serializable: true };
  try {
    return await new Promise((resolve) => {
      client.range(request, new Metadata(), { deadline: Date.now() + deadlineMs }, (error, answer) =>
        resolve(error === null ? answer.header?.revision : undefined),
      );
    });
  } finally {
    client.close();
  }
}

/** Resolves when the member has applied so much. */
export async function hasApplied(endpoint: string, revision: number): Promise<void> {
  while (((await appliedRevision(endpoint)) ?? 0) < revision) await pause(askAgainMs);
}
