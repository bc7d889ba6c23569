import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ObjectEngine } from '../../src/registry/object-engine.ts';
import { addNode } from '../registry/engine-fixture.ts';
import { type Finished, type Kubectl, kubectl, kubectlPath } from './kubectl.ts';
import { openTlsServer, type TlsServer } from './tls-server.ts';

/** A server with one node, and one release of kubectl that talks to it over TLS with a client certificate. */
export interface KubectlHost {
  readonly server: TlsServer;
  readonly registry: ObjectEngine;
  readonly kubectl: Kubectl;
  /** Runs and expects success without a word on the error output. */
  ok(...args: readonly string[]): Promise<string>;
  /** Resolves when somebody has asked for the deletion of an object that stays for now. */
  marked(resource: string, key: string): Promise<void>;
}

/** Processes on a busy machine: nothing here waits for a fixed time. */
const storyLimitMs = 60_000;

/** Sets up one host for the stories of a `describe`. It is there once a story runs. */
export function kubectlStories(release: string): {
  readonly host: KubectlHost;
  story(title: string, run: (host: KubectlHost) => Promise<void>): void;
} {
  const host = {} as { -readonly [K in keyof KubectlHost]: KubectlHost[K] };
  beforeAll(async () => {
    Object.assign(host, await openHost(kubectlPath(release) ?? ''));
  });
  afterAll(async () => {
    await host.server?.[Symbol.asyncDispose]();
  });
  return {
    host,
    story(title, run) {
      test(title, { timeout: storyLimitMs }, () => run(host));
    },
  };
}

export function done({ code, out, err }: Finished): string {
  expect([err.replaceAll(/^warning: .*\n/gim, ''), code]).toEqual(['', 0]);
  return out;
}

async function openHost(path: string): Promise<KubectlHost> {
  const server = await openTlsServer({
    openTunnel: async (node, { container }) => [Buffer.from(`${node} ${container} says hello\n`)].values() as never,
  });
  const home = join(server.folder, 'home');
  await mkdir(home);
  await writeFile(join(home, 'editor'), '#!/bin/sh\nsed -i "s/colour: red/colour: blue/" "$1"\n', { mode: 0o755 });
  const { registry, cache } = server.server;
  await addNode(registry);
  const client = kubectl(path, server.kubeconfig, home);
  return {
    server,
    registry,
    kubectl: client,
    ok: async (...args) => done(await client.run(...args)),
    async marked(resource, key) {
      const isMarked = (): boolean => cache.get(resource, key)?.metadata.deletionTimestamp !== undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      using _listener = cache.onChange(() => {
        if (isMarked()) resolve();
      });
      if (isMarked()) resolve();
      await promise;
    },
  };
}
