import { createSession, type DecisionSink, profile, type Session } from '@berth/scheduler';
import type {
  ClusterChange,
  EngineAnswer,
  Placement,
  Preempting,
  Refused,
  SchedulerChoice,
  StepRequest,
} from './placement-engine.ts';

export function sessionFor(schedulers: readonly SchedulerChoice[]): Session {
  return createSession({ profiles: schedulers.map(({ schedulerName, strategy }) => profile(schedulerName, strategy)) });
}

/** One hand-over: news in, decisions out. `nowMs` is a clock for the time spent. */
export function takeStep(
  session: Session,
  { changes, decisions, reviews }: StepRequest,
  nowMs: () => number,
): EngineAnswer {
  const faults: string[] = [];
  for (const change of changes) tryTell(session, change, faults);
  const placed: Placement[] = [];
  const preempting: Preempting[] = [];
  const refused: Refused[] = [];
  const startMs = nowMs();
  const sink: DecisionSink = {
    placed: (uid, node, _score, devices) => placed.push({ uid, node, ...(devices === undefined ? {} : { devices }) }),
    preempting: (uid, node, victims) => preempting.push({ uid, node, victims }),
    unschedulable: (uid, { message }) => refused.push({ uid, message }),
  };
  if (decisions > 0) session.schedule(decisions, sink);
  if (reviews > 0) session.review(reviews, sink);
  const { pending, parked } = session.stats();
  return {
    placed,
    preempting,
    refused,
    faults,
    hasWork: session.hasWork,
    pending,
    parked,
    decisionMs: nowMs() - startMs,
  };
}

/** An object that cannot be understood is left out; it must not keep all others from being scheduled. */
function tryTell(session: Session, change: ClusterChange, faults: string[]): void {
  try {
    tell(session, change);
  } catch (error) {
    faults.push(`${describe(change)}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function describe(change: ClusterChange): string {
  if (change.kind === 'pod') return `pod ${change.pod.metadata.namespace}/${change.pod.metadata.name}`;
  return change.kind === 'node' ? `node ${change.node.metadata.name}` : change.kind;
}

function tell(session: Session, change: ClusterChange): void {
  switch (change.kind) {
    case 'node':
      session.upsertNode(change.node);
      break;
    case 'node-gone':
      session.removeNode(change.name);
      break;
    case 'pod':
      session.upsertPod(change.pod);
      break;
    case 'pod-gone':
      session.removePod(change.uid);
      break;
    case 'namespace':
      session.setNamespace(change.name, change.labels);
      break;
    case 'namespace-gone':
      session.setNamespace(change.name, undefined);
      break;
    case 'budget':
      session.upsertBudget(change.budget);
      break;
    case 'budget-gone':
      session.removeBudget(change.namespace, change.name);
      break;
    case 'released':
      session.release(change.uid);
      break;
    default:
      unreachable(change);
  }
}

function unreachable(change: never): never {
  throw new TypeError(`unknown change ${JSON.stringify(change)}`);
}
