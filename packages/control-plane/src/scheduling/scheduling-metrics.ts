import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Names are part of the product: docs list them. */
export interface SchedulingMetrics {
  /** `placed`, `preempting` or `unschedulable`. */
  readonly decisions: Counter<'result'>;
  /** `pending` or `unschedulable`. */
  readonly pods: Gauge<'queue'>;
  /** Of one decision, in seconds. */
  readonly decisionSeconds: Histogram;
  /** `bound`, `conflict`, `gone` or `failed`. */
  readonly bindings: Counter<'outcome'>;
  readonly bindingSeconds: Histogram;
}

/** A server may lead more than once in its life: what an earlier reign registered is used again. */
export function schedulingMetrics(registry: Registry): SchedulingMetrics {
  const registers = [registry];
  const known = <T>(name: string, make: () => T): T => (registry.getSingleMetric(name) as T | undefined) ?? make();
  return {
    decisions: known('berth_scheduler_decisions_total', () => {
      const help = 'Decisions on pods, by result (placed, preempting, unschedulable).';
      return new Counter({ name: 'berth_scheduler_decisions_total', help, labelNames: ['result'], registers });
    }),
    pods: known('berth_scheduler_pods', () => {
      const help = 'Pods without a node: waiting for a decision (pending), fitting nowhere (unschedulable).';
      return new Gauge({ name: 'berth_scheduler_pods', help, labelNames: ['queue'], registers });
    }),
    decisionSeconds: known('berth_scheduler_decision_seconds', () => {
      const help = 'Time per decision, the mean of a batch.';
      const buckets = [1e-6, 5e-6, 2e-5, 1e-4, 5e-4, 2e-3, 1e-2, 1e-1];
      return new Histogram({ name: 'berth_scheduler_decision_seconds', help, buckets, registers });
    }),
    bindings: known('berth_scheduler_bindings_total', () => {
      const help = 'Bindings written, by outcome (bound, conflict, gone, failed).';
      return new Counter({ name: 'berth_scheduler_bindings_total', help, labelNames: ['outcome'], registers });
    }),
    bindingSeconds: known('berth_scheduler_binding_seconds', () => {
      const help = 'Time from the decision to the acknowledged binding.';
      const buckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2, 10];
      return new Histogram({ name: 'berth_scheduler_binding_seconds', help, buckets, registers });
    }),
  };
}
