import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What is read at the moment of a scrape. */
export interface AgentGauges {
  readonly pods: () => number;
  readonly containers: () => number;
  readonly connected: () => boolean;
  readonly reportsWaiting: () => number;
  readonly engineAnswers: () => boolean;
}

export interface AgentMetrics {
  readonly registry: Registry;
  readonly podStartSeconds: Histogram;
  readonly containerRestarts: Counter;
  readonly probes: Counter<'kind' | 'outcome'>;
  readonly networkVersion: Gauge;
}

/** The agent's metrics; names and meanings are listed in this package's README. */
export function agentMetrics(gauges: AgentGauges): AgentMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const read = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  read('berth_agent_pods', 'Pods assigned to the node or not yet cleaned away.', gauges.pods);
  read('berth_agent_containers', 'Containers of the node in the engine, sandboxes included.', gauges.containers);
  read('berth_agent_connected', '1 while a session with a server stands.', () => Number(gauges.connected()));
  read('berth_agent_reports_waiting', 'Reports that no server has taken yet.', gauges.reportsWaiting);
  read('berth_agent_engine_up', '1 while the container engine answers.', () => Number(gauges.engineAnswers()));
  return {
    registry,
    podStartSeconds: new Histogram({
      name: 'berth_agent_pod_start_seconds',
      help: 'From the first word of a pod until all its containers run.',
      buckets: [0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 120],
      registers,
    }),
    containerRestarts: new Counter({
      name: 'berth_agent_container_restarts_total',
      help: 'Containers started again.',
      registers,
    }),
    probes: new Counter({
      name: 'berth_agent_probes_total',
      help: 'Probes made, by kind and outcome.',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
    networkVersion: new Gauge({
      name: 'berth_agent_network_version',
      help: 'Version of the network table that the kernel has.',
      registers,
    }),
  };
}
