import type { PodAction } from '../pod-action.ts';
import { specifiedContainers } from '../pod-situation.ts';
import { failureOf, type StepContext, tellContainer, tellPod } from './step-context.ts';

type Step<K extends PodAction['kind']> = Extract<PodAction, { kind: K }>;

/** Tells why, and runs the stop hook, if there is one, within the grace period. */
export async function beginStop(context: StepContext, step: Step<'begin-stop'>): Promise<void> {
  const { ports, memory, pod } = context;
  const { containerId, name, graceMs, preStop, reason: message } = step;
  const { clock } = ports.world;
  const sinceMs = clock.monotonicMs();
  const container = pod === undefined ? undefined : specifiedContainers(pod).find(({ spec }) => spec.name === name);
  if (container !== undefined) tellContainer(context, container, { type: 'Normal', reason: 'Killing', message });
  const fresh = { sinceMs, graceMs, signalledAtMs: undefined, killedAtMs: undefined };
  if (preStop === undefined || pod === undefined) {
    memory.stops.set(containerId, { ...fresh, hook: { kind: 'ended', atMs: sinceMs } });
    return;
  }
  memory.stops.set(containerId, { ...fresh, hook: { kind: 'running' } });
  const sandbox = ports.containers.ofPod(context.uid).find(({ identity }) => identity.role === 'sandbox')?.identity;
  const podIp = sandbox?.role === 'sandbox' ? sandbox.podIp : '';
  try {
    await ports.hooks.run(preStop, { containerId, pod, container: name, podIp }, graceMs);
  } catch (error) {
    const failed = failureOf(context, error, 'FailedPreStopHook').message;
    tellPod(context, { type: 'Warning', reason: 'FailedPreStopHook', message: `PreStopHook failed: ${failed}` });
  }
  memory.changeStop(containerId, { hook: { kind: 'ended', atMs: clock.monotonicMs() } });
}

export async function sendSignal(context: StepContext, step: Step<'signal'>): Promise<void> {
  const { ports, memory } = context;
  const { containerId, signal, final } = step;
  const atMs = ports.world.clock.monotonicMs();
  memory.changeStop(containerId, final ? { killedAtMs: atMs } : { signalledAtMs: atMs });
  await ports.engine.signal(containerId, signal);
  // It may have ended before the signal came, and its event with it.
  await ports.containers.refresh(containerId);
}

export async function removeContainer({ ports }: StepContext, { containerId }: Step<'remove'>): Promise<void> {
  await ports.engine.remove(containerId);
  ports.containers.forget(containerId);
}
