import { realWorld } from '@berth/world';
import { memoryStore } from '../../src/index.ts';
import { storeContract } from './contract.ts';

storeContract('memory', async () => {
  const store = memoryStore(realWorld);
  return { stores: [store], close: () => store[Symbol.asyncDispose]() };
});
