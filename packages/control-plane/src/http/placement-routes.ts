import { badRequest, notFound } from '@berth/api';
import type { Explanation } from '@berth/scheduler';
import type { FastifyInstance } from 'fastify';
import type { PlacementQuestions } from '../scheduling/placement-questions.ts';

/** Nodes told of in full, if nothing else is asked for. */
const nodesDefault = 20;
const movesDefault = 10;
const copiesDefault = 1_000;
/** A tenth of the whole scale of a score: less is not worth ending a pod for. */
const gainDefault = 100;

/** What `berth explain` and `berth rebalance --plan` speak. Reads that change nothing; behind the authorisation of the API. */
export function placementRoutes(app: FastifyInstance, questions: PlacementQuestions): void {
  app.get<{ Params: { namespace: string; name: string } }>(
    '/berth/v1/explain/:namespace/:name',
    async ({ params, query }) => {
      const nodesMax = countIn(query, 'nodes', nodesDefault);
      const answered = await questions.explain(params.namespace, params.name);
      if (answered === undefined) throw notFound({ group: '', resource: 'pods' }, params.name);
      const { revision, answer } = answered;
      return { ...params, revision, ...told(answer, nodesMax) };
    },
  );

  app.get<{ Params: { namespace: string; name: string } }>(
    '/berth/v1/headroom/:namespace/:name',
    async ({ params, query }) => {
      const answered = await questions.headroom(params.namespace, params.name, countIn(query, 'copies', copiesDefault));
      if (answered === undefined) throw notFound({ group: '', resource: 'pods' }, params.name);
      const { revision, answer } = answered;
      return { ...params, revision, ...answer, byNode: Object.fromEntries(answer.byNode) };
    },
  );

  app.get<{ Params: { names: string } }>('/berth/v1/node-loss/:names', async ({ params }) => {
    const { revision, answer } = await questions.nodeLoss(params.names.split(','));
    return { revision, ...answer };
  });

  app.get('/berth/v1/rebalance', async ({ query }) => {
    const movesMax = countIn(query, 'moves', movesDefault);
    const gainMin = countIn(query, 'gain', gainDefault);
    const { revision, answer } = await questions.rebalance({ movesMax, gainMin });
    return { revision, ...answer };
  });
}

/** The best nodes, or the nearest misses; what the others are is in the counts. */
function told({ nodes, node, state, suggestions }: Explanation, nodesMax: number) {
  const reasons = new Map<string, number>();
  for (const { refusals } of nodes)
    for (const reason of new Set(refusals.flatMap((refusal) => refusal.reasons)))
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  return {
    state,
    ...(node === undefined ? {} : { node }),
    nodeCount: nodes.length,
    fits: nodes.filter(({ refusals }) => refusals.length === 0).length,
    reasons: Object.fromEntries(reasons),
    nodes: nodes.slice(0, nodesMax),
    suggestions,
  };
}

function countIn(query: unknown, name: string, otherwise: number): number {
  const text = (query as Readonly<Record<string, unknown>>)[name];
  if (text === undefined) return otherwise;
  const count = typeof text === 'string' && text !== '' ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(count) || count < 0)
    throw badRequest(`${name}: must be a whole number from 0, got ${JSON.stringify(text)}`);
  return count;
}
