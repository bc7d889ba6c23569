import { EmbeddedCluster } from '../embedded-cluster.ts';
import { storeContract } from './contract.ts';
import type { Subject } from './subject.ts';

async function open(size: number): Promise<Subject> {
  const cluster = await EmbeddedCluster.start(size);
  const [first, ...others] = cluster.stores;
  if (first === undefined) throw new Error('an empty cluster');
  return { stores: [first, ...others], close: () => cluster[Symbol.asyncDispose]() };
}

storeContract('the embedded engine, one member', () => open(1));
storeContract('the embedded engine, three members', () => open(3));
