import { etcdV3 } from '@berth/wire';
import { rangeRequest, txnRequest } from './kv-messages.ts';
import { batchOperations, fillKeys, keyNumber, type LoadOutcome, type LoadPlan } from './load-plan.ts';
import { type Ask, Meter } from './meter.ts';
import { sampleValue } from './sample-value.ts';
import { UnaryClient } from './unary-client.ts';

const fillOperationsMax = 100;
/** All clients together stay far below what either engine lets be under way. */
const fillBytesMax = 512 * 1024;
const connectionsMax = 32;

/** The program of one load generator: prints its outcome as JSON. */
if (process.argv[2] === 'run') {
  const outcome = await run(JSON.parse(process.argv[3] ?? '') as LoadPlan);
  process.stdout.write(JSON.stringify(outcome), () => process.exit(0));
}

async function run(plan: LoadPlan): Promise<LoadOutcome> {
  const asks = Array.from({ length: Math.min(plan.clients, connectionsMax) }, () => asking(plan));
  const meter = new Meter(plan);
  const client = (index: number): Ask => asks[index % asks.length] as Ask;
  if (plan.kind === 'fill') await fill(plan, client(0));
  else if (plan.ratePerSecond === undefined)
    await Promise.all(Array.from({ length: plan.clients }, (_, index) => meter.closedLoop(client(index))));
  else await meter.openLoop(client, plan.ratePerSecond);
  return meter.outcome();
}

function asking({ endpoint, kind, valueBytes }: LoadPlan): Ask {
  const client = new UnaryClient(endpoint);
  if (kind === 'read' || kind === 'stale-read') {
    const { path } = etcdV3.KVService.range;
    const serializable = kind === 'stale-read';
    return () => client.call(path, rangeRequest(keyNumber(random()), serializable));
  }
  const { path } = etcdV3.KVService.txn;
  let filled = 0;
  const operations = kind === 'batch' ? batchOperations : kind === 'fill' ? fillOperations(valueBytes) : 1;
  return () => {
    const first = kind === 'fill' ? filled : random();
    filled += operations;
    const keys = Array.from({ length: operations }, (_, i) => keyNumber((first + i) % fillKeys));
    return client.call(path, txnRequest(keys.map((key) => ({ key, value: sampleValue(valueBytes) }))));
  };
}

function fillOperations(valueBytes: number): number {
  return Math.max(1, Math.min(fillOperationsMax, Math.floor(fillBytesMax / valueBytes)));
}

async function fill({ clients, valueBytes }: LoadPlan, ask: Ask): Promise<void> {
  for (let left = Math.ceil(fillKeys / fillOperations(valueBytes)); left > 0; left -= clients)
    await Promise.all(Array.from({ length: Math.min(left, clients) }, ask));
}

function random(): number {
  return Math.floor(Math.random() * fillKeys);
}
