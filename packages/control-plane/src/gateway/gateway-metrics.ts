import { Counter, Gauge, type Registry } from 'prom-client';

/** Names are part of the product: docs list them. */
export interface GatewayMetrics {
  readonly sessions: Gauge;
  readonly sessionsEnded: Counter<'cause'>;
  readonly pendingReports: Gauge;
  readonly tunnels: Counter<'route'>;
}

export interface GatewayGauges {
  sessions(): number;
  pendingReports(): number;
}

/** The gauges are read when somebody scrapes. */
export function gatewayMetrics(registry: Registry, gauges: GatewayGauges): GatewayMetrics {
  const registers = [registry];
  return {
    sessions: new Gauge({
      name: 'berth_gateway_sessions',
      help: 'Agents that have their session on this server.',
      registers,
      collect() {
        this.set(gauges.sessions());
      },
    }),
    sessionsEnded: new Counter({
      name: 'berth_gateway_sessions_ended_total',
      help: 'Sessions that ended, by cause.',
      labelNames: ['cause'],
      registers,
    }),
    pendingReports: new Gauge({
      name: 'berth_gateway_pending_pod_reports',
      help: 'Pod reports of agents that are not written yet.',
      registers,
      collect() {
        this.set(gauges.pendingReports());
      },
    }),
    tunnels: new Counter({
      name: 'berth_gateway_tunnels_total',
      help: 'Requests to nodes, by whether the session was on this server (local) or on another (relay).',
      labelNames: ['route'],
      registers,
    }),
  };
}
