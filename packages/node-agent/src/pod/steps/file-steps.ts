import type { PodAction } from '../pod-action.ts';
import { PodStepError } from '../pod-ports.ts';
import { failureOf, knownPod, type StepContext, tellPod } from './step-context.ts';

type Step<K extends PodAction['kind']> = Extract<PodAction, { kind: K }>;

/** As much as Kubernetes shows of it. */
const terminationLogBytes = 2048;
const terminationLogLines = 80;

export async function prepareFiles(context: StepContext): Promise<void> {
  const { ports, memory } = context;
  const before = memory.files;
  // Asked before anything is awaited: the sandbox is made at the same time.
  if (memory.sandboxAttempt < 0) tellMissingTokens(context);
  try {
    await ports.files.prepare(knownPod(context));
    // Asked for again meanwhile: then it is not ready yet.
    if (memory.files === before) memory.files = { kind: 'ready' };
  } catch (error) {
    const failure = failureOf(context, error, 'FailedMount');
    memory.filesFailed(failure);
    tellPod(context, { type: 'Warning', reason: failure.reason, message: failure.message });
    if (!(error instanceof PodStepError)) ports.log.error({ error, uid: context.uid }, 'volumes could not be prepared');
  }
}

/** Once in a pod's life, before anything of it runs: whoever waits for the file learns why it does not come. */
function tellMissingTokens(context: StepContext): void {
  for (const { name, projected } of knownPod(context).spec.volumes ?? []) {
    for (const { serviceAccountToken } of projected?.sources ?? []) {
      if (serviceAccountToken === undefined) continue;
      const message = `volume "${name}" is mounted without ${serviceAccountToken.path}: this cluster issues no tokens of service accounts yet`;
      tellPod(context, { type: 'Warning', reason: 'ServiceAccountTokenMissing', message });
    }
  }
}

export async function collectTermination(context: StepContext, step: Step<'collect-termination'>): Promise<void> {
  const { ports, memory, uid } = context;
  const { container, attempt, containerId } = step;
  let message = await ports.files.readTermination(uid, container.spec.name, attempt).catch(() => '');
  const ended = ports.containers.get(containerId);
  const failed = ended?.state.kind === 'exited' && ended.state.exitCode !== 0;
  if (
    message === '' &&
    failed &&
    !ended.removed &&
    container.spec.terminationMessagePolicy === 'FallbackToLogsOnError'
  ) {
    message = await lastLogLines(context, containerId);
  }
  memory.changeRun(containerId, { terminationMessage: message });
}

async function lastLogLines({ ports }: StepContext, containerId: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  const request = { follow: false, timestamps: false, tailLines: terminationLogLines };
  try {
    for await (const { bytes } of ports.engine.logs(containerId, request, new AbortController().signal))
      chunks.push(bytes);
  } catch {
    return '';
  }
  return Buffer.concat(chunks).subarray(-terminationLogBytes).toString('utf8');
}

export async function releasePod({ ports, uid }: StepContext): Promise<void> {
  await ports.files.release(uid);
}
