import type { EventEncodings } from './event-encoding.ts';
import type { OpenStreams } from './open-streams.ts';
import type { RequestMetrics } from './request-metrics.ts';
import type { ApiServerOptions, ServerLimits } from './server-options.ts';

/** What handlers share. */
export interface ServerParts
  extends Pick<ApiServerOptions, 'registry' | 'store' | 'openTunnel' | 'world' | 'log' | 'clusterInfo'> {
  readonly limits: ServerLimits;
  readonly streams: OpenStreams;
  readonly encodings: EventEncodings;
  readonly metrics: RequestMetrics;
}
