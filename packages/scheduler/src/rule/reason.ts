/** Takes the reasons why a node is refused, in the words of Kubernetes. */
export interface ReasonSink {
  /** `pods` when pods of lower priority could be pushed out of the way, `nothing` when no preemption can help. */
  add(text: string, cure: 'pods' | 'nothing'): void;
}
