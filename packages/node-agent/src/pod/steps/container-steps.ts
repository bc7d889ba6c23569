import { EngineError, isNotFound, isUnreachable } from '../../engine/engine-error.ts';
import type { PodAction } from '../pod-action.ts';
import { PodStepError } from '../pod-ports.ts';
import { failureOf, knownPod, type StepContext, tellContainer } from './step-context.ts';

type Step<K extends PodAction['kind']> = Extract<PodAction, { kind: K }>;

/** A hook that starts with the container may take its time; Kubernetes knows no limit, we do. */
const postStartLimitMs = 120_000;

export async function ensureImage(context: StepContext, step: Step<'ensure-image'>): Promise<void> {
  const { ports, memory } = context;
  const { container, attempt } = step;
  const { name } = container.spec;
  try {
    await ports.images.ensure(knownPod(context), container);
    memory.changeContainer(name, { image: { kind: 'present', attempt } });
  } catch (error) {
    if (!(error instanceof PodStepError)) throw error;
    memory.imageFailed(name, failureOf(context, error, 'ErrImagePull'));
  }
}

export async function createContainer(context: StepContext, step: Step<'create-container'>): Promise<void> {
  const { ports, memory } = context;
  const { container, attempt, sandboxId, backoffSeconds } = step;
  const { name } = container.spec;
  const pod = knownPod(context);
  const sandbox = ports.containers.get(sandboxId);
  const podIp = sandbox?.identity.role === 'sandbox' ? sandbox.identity.podIp : '';
  try {
    await ports.files.writeIdentity(pod, podIp);
    const spec = await ports.composer.container(pod, container, { attempt, sandboxId, podIp, backoffSeconds });
    const id = await ports.engine.create(spec);
    memory.sawAttempt(name, attempt);
    memory.changeContainer(name, { failure: undefined });
    await ports.containers.refresh(id);
    tellContainer(context, container, { type: 'Normal', reason: 'Created', message: `Created container: ${name}` });
  } catch (error) {
    refuseContainer(context, step, error);
  }
}

function refuseContainer(context: StepContext, step: Step<'create-container'>, error: unknown): void {
  const { memory } = context;
  const { container, attempt } = step;
  const { name } = container.spec;
  if (error instanceof EngineError) {
    if (isUnreachable(error)) throw error;
    // The image went away after we looked for it: look again.
    if (isNotFound(error)) memory.changeContainer(name, { image: { kind: 'unknown' } });
    // The name is taken by an attempt that we do not know of: the next number is free.
    if (error.code === 'conflict') memory.sawAttempt(name, attempt);
    if (isNotFound(error) || error.code === 'conflict') return;
  }
  const failure = failureOf(context, error, 'CreateContainerError');
  memory.makingFailed(name, failure);
  tellContainer(context, container, { type: 'Warning', reason: 'Failed', message: `Error: ${failure.message}` });
}

export async function startContainer(context: StepContext, step: Step<'start-container'>): Promise<void> {
  const { ports } = context;
  const { container, containerId } = step;
  const { name } = container.spec;
  try {
    await ports.starts.run(() => ports.engine.start(containerId));
    tellContainer(context, container, { type: 'Normal', reason: 'Started', message: `Started container ${name}` });
    if ((ports.containers.get(containerId)?.identity.attempt ?? 0) > 0) ports.countRestart();
  } catch (error) {
    if (!(error instanceof EngineError) || isUnreachable(error)) throw error;
    const message = `Error: failed to start container "${name}": ${error.message}`;
    tellContainer(context, container, { type: 'Warning', reason: 'Failed', message });
  }
  await ports.containers.refresh(containerId);
}

export async function runPostStart(context: StepContext, step: Step<'run-post-start'>): Promise<void> {
  const { ports, memory } = context;
  const { container, containerId } = step;
  const handler = container.spec.lifecycle?.postStart;
  if (handler === undefined) return;
  memory.changeRun(containerId, { postStart: 'running' });
  const podIp = ports.containers.ofPod(context.uid).find(({ identity }) => identity.role === 'sandbox')?.identity;
  const place = {
    containerId,
    pod: knownPod(context),
    container: container.spec.name,
    podIp: podIp?.role === 'sandbox' ? podIp.podIp : '',
  };
  try {
    await ports.hooks.run(handler, place, postStartLimitMs);
    memory.changeRun(containerId, { postStart: 'done' });
  } catch (error) {
    const failed = failureOf(context, error, 'FailedPostStartHook').message;
    memory.changeRun(containerId, { postStart: { failed }, unhealthy: 'FailedPostStartHook' });
    const message = `PostStartHook failed: ${failed}`;
    tellContainer(context, container, { type: 'Warning', reason: 'FailedPostStartHook', message });
  }
}
