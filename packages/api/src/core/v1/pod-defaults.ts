import type { Draft } from '../../schema/message.ts';
import type { Container } from './container.ts';
import type { Pod } from './pod.ts';
import type { PodSpec } from './pod-spec.ts';

/** `serviceAccount` is the old name of `serviceAccountName`; both are shown, the new one wins. */
export function fillPodSpec(spec: Draft<PodSpec>): void {
  const account = spec.serviceAccountName ?? spec.serviceAccount;
  if (account === undefined) return;
  spec.serviceAccountName = account;
  spec.serviceAccount = account;
}

/** What a pod is given and a template is not, so that templates stay as they were written. */
export function fillPod({ spec }: Draft<Pod>): void {
  spec.enableServiceLinks ??= true;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    fillRequests(container);
    if (spec.hostNetwork === true) fillHostPorts(container);
  }
}

/** A limit without a request is requested too. */
function fillRequests({ resources }: Draft<Container>): void {
  if (resources?.limits === undefined) return;
  resources.requests = { ...resources.limits, ...resources.requests };
}

function fillHostPorts({ ports }: Draft<Container>): void {
  for (const port of ports ?? []) port.hostPort ??= port.containerPort;
}
