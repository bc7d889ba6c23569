import type { FaultList } from '../../errors/fault-list.ts';
import { checkIpAddress } from '../../text/ip-address.ts';
import type { Container, ContainerPort } from './container.ts';

/** Rules within one container; those that need the pod are in pod-spec-validation.ts. */
export function checkContainer(container: Container, faults: FaultList): void {
  checkImage(container.image, faults);
  checkPorts(container.ports ?? [], faults);
  checkProbeUse(container, faults);
  checkPropagation(container, faults);
}

function checkImage(image: string | undefined, faults: FaultList): void {
  if (image === undefined || image === '') faults.required('image');
  else if (image !== image.trim()) faults.invalid('image', image, 'must not have leading or trailing whitespace');
}

function checkPorts(ports: readonly ContainerPort[], faults: FaultList): void {
  const names = new Set<string>();
  ports.forEach(({ name, hostIP }, index) => {
    if (name !== undefined && names.has(name)) faults.duplicate(`ports[${index}].name`, name);
    if (name !== undefined) names.add(name);
    const fault = hostIP === undefined ? undefined : checkIpAddress(hostIP);
    if (fault !== undefined) faults.invalid(`ports[${index}].hostIP`, hostIP, fault);
  });
}

/** One success is enough for liveness and startup: there is no state in between that could flap. */
function checkProbeUse(container: Container, faults: FaultList): void {
  for (const name of ['livenessProbe', 'startupProbe'] as const) {
    const threshold = container[name]?.successThreshold;
    if (threshold !== undefined && threshold !== 1) faults.invalid(`${name}.successThreshold`, threshold, 'must be 1');
  }
  const grace = container.readinessProbe?.terminationGracePeriodSeconds;
  if (grace !== undefined) {
    faults.invalid('readinessProbe.terminationGracePeriodSeconds', grace, 'must not be set for readinessProbes');
  }
}

/** Mounts that travel back to the node are for those who may do anything there. */
function checkPropagation({ volumeMounts = [], securityContext }: Container, faults: FaultList): void {
  volumeMounts.forEach(({ mountPropagation }, index) => {
    if (mountPropagation === 'Bidirectional' && securityContext?.privileged !== true) {
      const rule = 'Bidirectional mount propagation is available only to privileged containers';
      faults.forbidden(`volumeMounts[${index}].mountPropagation`, rule);
    }
  });
}
