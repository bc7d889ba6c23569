import type { Container, Pod } from '@berth/api';
import type { ContainerSecurity } from '../engine/container-spec.ts';
import { PodStepError } from '../pod/pod-ports.ts';

/** The engine's settings for a container's and its pod's security contexts; the container's own wishes win. */
export function securitySettings(pod: Pod, container: Container, imageUser: string): ContainerSecurity {
  const ofPod = pod.spec.securityContext ?? {};
  const own = container.securityContext ?? {};
  const uid = own.runAsUser ?? ofPod.runAsUser;
  const gid = own.runAsGroup ?? ofPod.runAsGroup;
  if (own.runAsNonRoot ?? ofPod.runAsNonRoot ?? false) refuseRoot(pod, container, uid, imageUser);
  const groups = [...(ofPod.supplementalGroups ?? []), ...(ofPod.fsGroup === undefined ? [] : [ofPod.fsGroup])];
  const profile = own.seccompProfile ?? ofPod.seccompProfile;
  return {
    user: userText(container, uid, gid),
    supplementalGroups: [...new Set(groups)],
    privileged: own.privileged ?? false,
    addCapabilities: own.capabilities?.add ?? [],
    dropCapabilities: own.capabilities?.drop ?? [],
    readOnlyRoot: own.readOnlyRootFilesystem ?? false,
    noNewPrivileges: own.allowPrivilegeEscalation === false,
    seccomp: profile?.type === 'Unconfined' ? 'unconfined' : 'default',
  };
}

function userText(container: Container, uid: number | undefined, gid: number | undefined): string {
  if (uid !== undefined) return gid === undefined ? String(uid) : `${uid}:${gid}`;
  if (gid === undefined) return '';
  const message = `container ${container.name}: runAsGroup is specified without a runAsUser`;
  throw new PodStepError('CreateContainerConfigError', message);
}

function refuseRoot(pod: Pod, container: Container, uid: number | undefined, imageUser: string): void {
  const where = `(pod: "${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})", container: ${container.name})`;
  const refuse = (why: string) =>
    new PodStepError('CreateContainerConfigError', `container has runAsNonRoot and ${why} ${where}`);
  if (uid === 0) throw refuse("the container's runAsUser breaks non-root policy");
  if (uid !== undefined) return;
  const user = imageUser.split(':')[0] ?? '';
  if (user === '' || user === '0') throw refuse('image will run as root');
  if (!/^\d+$/.test(user)) throw refuse(`image has non-numeric user (${user}), cannot verify user is non-root`);
}
