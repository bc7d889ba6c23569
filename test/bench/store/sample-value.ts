import { randomBytes, randomUUID } from 'node:crypto';

const poolBytes = 4 * 2 ** 20;

/** What a cluster keeps: objects as JSON, one behind the other, each with names, addresses and identifiers of its own. */
const pool = Buffer.from(Array.from({ length: poolBytes / 1024 }, sampleObject).join(''));

/** A piece of that: it compresses as the values of a cluster do. */
export function sampleValue(bytes: number): Buffer {
  const at = Math.floor(Math.random() * (pool.length - bytes));
  return pool.subarray(at, at + bytes);
}

function sampleObject(): string {
  const unique = (): string => randomBytes(5).toString('hex');
  const app = `app-${unique()}`;
  const createdAt = new Date(1.7e12 + Math.random() * 1e11).toISOString();
  const container = (name: string): object => ({
    name,
    image: `images.example/${name}@sha256:${randomBytes(32).toString('hex')}`,
    ports: [{ containerPort: Math.floor(Math.random() * 65_535), protocol: 'TCP' }],
    resources: { requests: { cpu: `${Math.floor(Math.random() * 4000)}m`, memory: '256Mi' } },
    env: [{ name: 'TOKEN', value: randomBytes(24).toString('base64') }],
  });
  return JSON.stringify({
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name: `${app}-${unique()}`,
      namespace: `team-${unique()}`,
      uid: randomUUID(),
      creationTimestamp: createdAt,
      labels: { app, 'pod-template-hash': unique() },
    },
    spec: { containers: [container(unique()), container(unique())], nodeName: `node-${unique()}` },
    status: { phase: 'Running', podIP: [10, 244, ...randomBytes(2)].join('.'), startTime: createdAt },
  });
}
