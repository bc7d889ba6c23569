import type { FaultList } from '../../errors/fault-list.ts';
import { checkLabels } from '../../meta/v1/object-meta-validation.ts';
import { notServed } from '../../schema/field-facts.ts';
import type { Container } from './container.ts';
import { checkDns } from './pod-dns-validation.ts';
import type { PodSpec } from './pod-spec.ts';
import { checkReference } from './reference-validation.ts';

/** Rules of a pod as a whole, in pods and in templates alike. */
export function checkPodSpec(spec: PodSpec, faults: FaultList): void {
  checkContainerNames(spec, faults);
  checkInitContainers(spec.initContainers ?? [], faults);
  for (const field of ['initContainers', 'containers'] as const) {
    spec[field]?.forEach((container, index) => {
      faults.within(`${field}[${index}]`, () => {
        checkMounts(container, spec, faults);
        checkPauses(container, spec, faults);
      });
    });
  }
  checkHostPorts(spec, faults);
  checkHostNamespaces(spec, faults);
  checkLabels('nodeSelector', spec.nodeSelector, faults);
  checkDns(spec, faults);
  checkSpread(spec, faults);
  spec.containers?.forEach(({ restartPolicy }, index) => {
    if (restartPolicy !== undefined) {
      faults.forbidden(`containers[${index}].restartPolicy`, 'may not be set for non-init containers');
    }
  });
  spec.imagePullSecrets?.forEach((secret, index) => {
    checkReference(`imagePullSecrets[${index}]`, secret, faults);
  });
  if (spec.os?.name === 'windows') faults.forbidden('os.name', notServed('Windows nodes'));
  if (spec.nodeName !== undefined && (spec.schedulingGates ?? []).length > 0) {
    faults.forbidden('nodeName', 'cannot be set until all schedulingGates have been cleared');
  }
}

function checkContainerNames({ initContainers = [], containers = [] }: PodSpec, faults: FaultList): void {
  const names = new Set<string>();
  const lists = [['initContainers', initContainers] as const, ['containers', containers] as const];
  for (const [field, list] of lists) {
    list.forEach(({ name }, index) => {
      if (names.has(name)) faults.duplicate(`${field}[${index}].name`, name);
      names.add(name);
    });
  }
}

/** An init container ends before anybody could ask it, unless it is one that keeps running. */
function checkInitContainers(containers: readonly Container[], faults: FaultList): void {
  containers.forEach((container, index) => {
    if (container.restartPolicy === 'Always') return;
    for (const field of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
      if (container[field] !== undefined) {
        const rule = 'may not be set for init containers without restartPolicy=Always';
        faults.forbidden(`initContainers[${index}].${field}`, rule);
      }
    }
  });
}

function checkMounts({ volumeMounts = [] }: Container, { volumes = [] }: PodSpec, faults: FaultList): void {
  const paths = new Set<string>();
  volumeMounts.forEach(({ name, mountPath }, index) => {
    if (name !== undefined && name !== '' && !volumes.some((volume) => volume.name === name)) {
      faults.notFound(`volumeMounts[${index}].name`, name);
    }
    if (paths.has(mountPath)) faults.invalid(`volumeMounts[${index}].mountPath`, mountPath, 'must be unique');
    paths.add(mountPath);
  });
}

/** A pause beyond the grace period would be cut off. */
function checkPauses(
  { lifecycle }: Container,
  { terminationGracePeriodSeconds: grace = 0 }: PodSpec,
  faults: FaultList,
): void {
  for (const hook of ['postStart', 'preStop'] as const) {
    const seconds = lifecycle?.[hook]?.sleep?.seconds;
    if (seconds === undefined || (seconds >= 0 && seconds <= grace)) continue;
    const rule = `must be non-negative and less than terminationGracePeriodSeconds (${grace})`;
    faults.invalid(`lifecycle.${hook}.sleep.seconds`, seconds, rule);
  }
}

function checkHostPorts({ containers = [], hostNetwork }: PodSpec, faults: FaultList): void {
  const taken = new Set<string>();
  containers.forEach(({ ports = [] }, index) => {
    ports.forEach(({ hostPort, hostIP = '', protocol, containerPort }, portIndex) => {
      const field = `containers[${index}].ports[${portIndex}]`;
      if (hostPort === undefined) return;
      if (hostNetwork === true && hostPort !== containerPort) {
        faults.invalid(`${field}.containerPort`, containerPort, 'must match `hostPort` when `hostNetwork` is true');
      }
      const place = `${protocol}/${hostIP}/${hostPort}`;
      if (taken.has(place)) faults.duplicate(`${field}.hostPort`, place);
      taken.add(place);
    });
  });
}

function checkHostNamespaces(spec: PodSpec, faults: FaultList): void {
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    faults.invalid('shareProcessNamespace', true, 'ShareProcessNamespace and HostPID cannot both be enabled');
  }
  if (spec.hostNetwork === true) checkHostSysctls(spec, faults);
  if (spec.hostUsers === false) faults.forbidden('hostUsers', notServed('user namespaces'));
}

function checkHostSysctls({ securityContext }: PodSpec, faults: FaultList): void {
  securityContext?.sysctls?.forEach(({ name }, index) => {
    if (name?.startsWith('net.')) {
      faults.invalid(`securityContext.sysctls[${index}].name`, name, "may not be specified when 'hostNetwork' is true");
    }
  });
}

function checkSpread({ topologySpreadConstraints = [] }: PodSpec, faults: FaultList): void {
  const seen = new Set<string>();
  topologySpreadConstraints.forEach(({ topologyKey, whenUnsatisfiable }, index) => {
    const pair = `{${topologyKey}, ${whenUnsatisfiable}}`;
    if (seen.has(pair)) faults.duplicate(`topologySpreadConstraints[${index}].{topologyKey, whenUnsatisfiable}`, pair);
    seen.add(pair);
  });
}
