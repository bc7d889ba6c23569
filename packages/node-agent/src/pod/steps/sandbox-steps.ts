import { EngineError, isNotFound, isUnreachable } from '../../engine/engine-error.ts';
import type { PodAction } from '../pod-action.ts';
import { failureOf, knownPod, type StepContext, tellPod } from './step-context.ts';

type Step<K extends PodAction['kind']> = Extract<PodAction, { kind: K }>;

export async function createSandbox(context: StepContext, { attempt }: Step<'create-sandbox'>): Promise<void> {
  const { ports, memory, uid } = context;
  const pod = knownPod(context);
  if (attempt > 0) {
    const message = 'Pod sandbox changed, it will be killed and re-created.';
    tellPod(context, { type: 'Normal', reason: 'SandboxChanged', message });
  }
  try {
    using reservation = pod.spec.hostNetwork === true ? undefined : await ports.network.reserve(uid);
    const spec = ports.composer.sandbox(pod, attempt, reservation?.podIp ?? '');
    const id = await ports.engine.create(spec);
    memory.sandboxAttempt = Math.max(memory.sandboxAttempt, attempt);
    await ports.containers.refresh(id);
  } catch (error) {
    if (isUnreachable(error)) throw error;
    // An earlier process made it and died before it could tell: the next listing or attempt finds another name.
    if (error instanceof EngineError && error.code === 'conflict') memory.sandboxAttempt = attempt;
    refuseSandbox(context, error);
  }
}

export async function startSandbox(context: StepContext, { containerId }: Step<'start-sandbox'>): Promise<void> {
  const { ports } = context;
  try {
    await ports.starts.run(() => ports.engine.start(containerId));
    await ports.containers.refresh(containerId);
  } catch (error) {
    if (isUnreachable(error)) throw error;
    await discard(context, containerId);
    refuseSandbox(context, error);
  }
}

export async function attachNetwork(context: StepContext, { containerId }: Step<'attach-network'>): Promise<void> {
  const { ports, memory } = context;
  const sandbox = ports.containers.get(containerId);
  if (sandbox?.state.kind !== 'running' || sandbox.identity.role !== 'sandbox') return;
  const { podIp } = sandbox.identity;
  try {
    await ports.network.attach(knownPod(context), { id: containerId, pid: sandbox.state.pid, podIp });
    memory.wiredSandboxes.add(containerId);
    memory.sandboxFailure = undefined;
  } catch (error) {
    // Gone while we wired it: the engine's event says the rest.
    await ports.containers.refresh(containerId);
    if (ports.containers.get(containerId)?.state.kind !== 'running') return;
    await discard(context, containerId);
    refuseSandbox(context, error);
  }
}

async function discard({ ports }: StepContext, containerId: string): Promise<void> {
  try {
    await ports.engine.remove(containerId);
    ports.containers.forget(containerId);
  } catch (error) {
    if (!isNotFound(error)) ports.log.warn({ error, containerId }, 'a broken sandbox could not be removed');
  }
}

function refuseSandbox(context: StepContext, error: unknown): void {
  const failure = failureOf(context, error, 'FailedCreatePodSandBox');
  context.memory.sandboxFailed(failure);
  const message = `Failed to create pod sandbox: ${failure.message}`;
  tellPod(context, { type: 'Warning', reason: 'FailedCreatePodSandBox', message });
}
