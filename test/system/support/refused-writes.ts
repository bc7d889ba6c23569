import { expect } from 'vitest';
import type { ApiClient, StatusView } from './api-client.ts';
import { until } from './waiting.ts';

export interface RefusedWrites {
  /** Names of the objects that the server has said it did not make. */
  readonly names: readonly string[];
  readonly status: StatusView;
}

/** A refusal that is certain must not keep its client waiting. */
const refusalMsMax = 5_000;
const answerTimeoutMs = 15_000;

/**
 * Writes to a server that has lost its quorum until it says so. A write that was on its way at that moment ends as unknown (504); every
 * later one is refused at once (503).
 */
export async function untilWritesRefused(
  server: ApiClient,
  namespace: string,
  withinMs: number,
): Promise<RefusedWrites> {
  const names: string[] = [];
  const refused = await until({
    what: 'the server knows that there is no quorum',
    withinMs,
    async look() {
      const name = `refused-${Math.round(performance.now() * 1000)}`;
      const begin = performance.now();
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
      const path = `/api/v1/namespaces/${namespace}/configmaps`;
      const answer = await server.ask({ method: 'POST', path, body, timeoutMs: answerTimeoutMs });
      if (answer.code === 503) {
        names.push(name);
        expect(performance.now() - begin, 'a refusal that is certain is quick').toBeLessThan(refusalMsMax);
      }
      return answer;
    },
    isSo: ({ code }) => code === 503,
  });
  return { names, status: refused.body as StatusView };
}
