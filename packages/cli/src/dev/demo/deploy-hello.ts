import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { World } from '@berth/world';
import Docker from 'dockerode';
import { type ApiClient, ApiFailure } from '../../client/api-client.ts';
import type { Steps } from '../../terminal/steps.ts';
import { type ClusterPlan, nodesOf } from '../cluster-plan.ts';
import type { Fleet } from '../fleet.ts';
import { imageLabel } from '../host-engine.ts';
import { inLimitedParallel } from '../limited-parallel.ts';
import { waitFor } from '../waiting.ts';
import { helloImage, helloManifests, helloNodePort } from './hello-manifests.ts';
import { demoFile, nodeImageTar } from './node-image.ts';

const answerTimeoutMs = 120_000;

export interface DemoOptions {
  readonly plan: ClusterPlan;
  readonly client: ApiClient;
  readonly signal: AbortSignal;
  readonly steps: Steps;
  readonly world: World;
}

const importsAtATime = 2;

/** Makes the image in every engine, so that no registry is needed. Engines that have it already are left alone. */
export async function buildHelloImage(fleet: Fleet, steps: Steps): Promise<void> {
  await steps.run(`demo image ${helloImage} from files of this machine`, () =>
    inLimitedParallel(importsAtATime, fleet.engines(), importImage),
  );
}

async function importImage(socketPath: string): Promise<void> {
  const engine = new Docker({ socketPath });
  const present = await engine
    .getImage(helloImage)
    .inspect()
    .then(
      () => true,
      () => false,
    );
  if (present) return;
  const [repo, tag] = helloImage.split(':');
  const archive = nodeImageTar({ 'server.cjs': demoFile('hello-server.cjs'), 'page.html': demoFile('page.html') });
  const changes = [
    'ENTRYPOINT ["/bin/node", "/app/server.cjs"]',
    'USER 65534',
    'EXPOSE 8080',
    `LABEL ${imageLabel}=demo`,
  ];
  // A stream is what the engine takes; the types know only a path.
  const answer = await engine.importImage(archive as unknown as string, { repo, tag, changes });
  const output = await text(answer);
  if (output.includes('"error"')) throw new Error(`the engine refused the image: ${output.trim()}`);
}

/** Deploys the demo, whose image the engines have, and waits until it answers; its URL. */
export async function deployHello({ client, plan, signal, steps, world }: DemoOptions): Promise<string> {
  const [node] = nodesOf(plan);
  const url = `http://${node?.address ?? '127.0.0.1'}:${helloNodePort}/`;
  await steps.run('demo application answers', async () => {
    for (const { path, object } of helloManifests) {
      await client.json({ method: 'POST', path, body: object }).catch((error: unknown) => {
        if (!(error instanceof ApiFailure) || error.reason !== 'AlreadyExists') throw error;
      });
    }
    await waitFor(world, { what: `${url} answers`, timeoutMs: answerTimeoutMs, signal }, () => answers(url));
  });
  return url;
}

function answers(url: string): Promise<true | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { timeout: 1_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? true : undefined);
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', reject);
    asked.end();
  });
}
