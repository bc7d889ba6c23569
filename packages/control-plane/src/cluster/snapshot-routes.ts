import { ApiError } from '@berth/api';
import type { FastifyInstance } from 'fastify';
import { ResponseStream } from '../http/response-stream.ts';
import { toApiError } from '../registry/store-failure.ts';
import { type ConsensusGroup, groupOf } from './member-routes.ts';

export interface SnapshotRoutesOptions {
  /** Undefined when the engine makes no snapshots of its own (etcd). */
  readonly group: ConsensusGroup | undefined;
}

/** What a slow reader of a snapshot may have waiting. */
const waitingBytesMax = 4 * 1024 * 1024;

/**
 * `GET /berth/v1/snapshot`: the whole store at one moment as `berth snapshot save` writes it. It carries its own end mark and checksum: a
 * stream that broke off is not taken for a snapshot. `?consistency=local` takes what this server has, also without a quorum.
 */
export function snapshotRoutes(app: FastifyInstance, { group }: SnapshotRoutesOptions): void {
  app.get<{ Querystring: { consistency?: string } }>('/berth/v1/snapshot', async (request, reply) => {
    const pieces = groupOf(group).snapshot(consistencyOf(request.query.consistency));
    const iterator = pieces[Symbol.asyncIterator]();
    // What can be refused is refused with a Status, before the first byte.
    let next = await iterator.next().catch((error: unknown) => {
      throw toApiError(error, 'read');
    });
    reply.hijack();
    const response = new ResponseStream(reply.raw, waitingBytesMax);
    response.open({ 'content-type': 'application/octet-stream', 'cache-control': 'no-store' });
    try {
      for (; next.done !== true; next = await iterator.next()) if (!(await response.send(next.value))) break;
      response.end();
    } catch (error) {
      request.log.warn({ err: error }, 'a snapshot broke off');
      response.abort();
    } finally {
      await iterator.return?.();
    }
    return reply;
  });
}

function consistencyOf(text = 'linearizable'): 'linearizable' | 'local' {
  if (text === 'linearizable' || text === 'local') return text;
  throw new ApiError('BadRequest', `consistency: must be "linearizable" or "local", got ${JSON.stringify(text)}`);
}
