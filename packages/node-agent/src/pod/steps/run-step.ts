import type { PodAction } from '../pod-action.ts';
import { createContainer, ensureImage, runPostStart, startContainer } from './container-steps.ts';
import { collectTermination, prepareFiles, releasePod } from './file-steps.ts';
import { attachNetwork, createSandbox, startSandbox } from './sandbox-steps.ts';
import type { StepContext } from './step-context.ts';
import { beginStop, removeContainer, sendSignal } from './stop-steps.ts';

/** Carries out one action of a plan. What the pod's owner should know goes into memory and events; only the unexpected rejects. */
export function runStep(context: StepContext, action: PodAction): Promise<void> {
  switch (action.kind) {
    case 'prepare-files':
      return prepareFiles(context);
    case 'ensure-image':
      return ensureImage(context, action);
    case 'create-sandbox':
      return createSandbox(context, action);
    case 'start-sandbox':
      return startSandbox(context, action);
    case 'attach-network':
      return attachNetwork(context, action);
    case 'create-container':
      return createContainer(context, action);
    case 'start-container':
      return startContainer(context, action);
    case 'run-post-start':
      return runPostStart(context, action);
    case 'begin-stop':
      return beginStop(context, action);
    case 'signal':
      return sendSignal(context, action);
    case 'collect-termination':
      return collectTermination(context, action);
    case 'remove':
      return removeContainer(context, action);
    case 'release':
      return releasePod(context);
  }
}
