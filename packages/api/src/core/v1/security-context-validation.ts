import type { FaultList } from '../../errors/fault-list.ts';
import { notServed } from '../../schema/field-facts.ts';
import type { AppArmorProfile, PodSecurityContext, SeccompProfile, SecurityContext } from './security-context.ts';

export function checkSeccompProfile(profile: SeccompProfile, faults: FaultList): void {
  checkLocalProfile(profile, faults);
  if (profile.type === 'Localhost') faults.forbidden('type', notServed('seccomp profiles of files'));
}

export function checkAppArmorProfile(profile: AppArmorProfile, faults: FaultList): void {
  checkLocalProfile(profile, faults);
  if (profile.type === 'Localhost' || profile.type === 'Unconfined') {
    faults.forbidden('type', notServed('AppArmor profiles other than RuntimeDefault'));
  }
}

/** Kernel parameters that every pod has for itself; others would change the node. */
const namespacedSysctl = /^(?:net\.|kernel\.(?:shm|msg|sem)|fs\.mqueue\.)/;
const sysctlName = /^(?:[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/;

export function checkPodSecurityContext(context: PodSecurityContext, faults: FaultList): void {
  if (context.supplementalGroupsPolicy === 'Strict') {
    faults.forbidden('supplementalGroupsPolicy', 'the policy Strict is not served by Berth yet');
  }
  context.sysctls?.forEach(({ name = '' }, index) => {
    checkSysctlName(`sysctls[${index}].name`, name, faults);
  });
}

function checkSysctlName(field: string, name: string, faults: FaultList): void {
  if (name === '') return;
  if (name.length > 253 || !sysctlName.test(name)) {
    faults.invalid(field, name, "must consist of lower case alphanumeric characters, '-', '_', '.' or '/'");
  } else if (!namespacedSysctl.test(name.replaceAll('/', '.'))) {
    const rule =
      'only kernel parameters that a pod has for itself may be set (net.*, kernel.shm*, kernel.msg*, kernel.sem, fs.mqueue.*)';
    faults.forbidden(field, rule);
  }
}

export function checkSecurityContext(context: SecurityContext, faults: FaultList): void {
  if (context.procMount === 'Unmasked') faults.forbidden('procMount', 'the mount Unmasked is not served by Berth yet');
  if (context.allowPrivilegeEscalation !== false) return;
  if (context.privileged === true) {
    const rule = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true';
    faults.invalid('', context, rule);
  }
  if (context.capabilities?.add?.some((name) => name === 'SYS_ADMIN' || name === 'CAP_SYS_ADMIN')) {
    faults.invalid('', context, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN');
  }
}

function checkLocalProfile(profile: SeccompProfile | AppArmorProfile, faults: FaultList): void {
  if (profile.type !== 'Localhost' && profile.localhostProfile !== undefined) {
    faults.invalid('localhostProfile', profile.localhostProfile, 'can only be set when type is Localhost');
  }
}
