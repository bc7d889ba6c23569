import { required } from '../../schema/field.ts';
import { flag, int64, integers, list, nested, text, texts } from '../../schema/field-builder.ts';
import { atomicList, idMax, notServed } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import {
  checkAppArmorProfile,
  checkPodSecurityContext,
  checkSeccompProfile,
  checkSecurityContext,
} from './security-context-validation.ts';

export interface SELinuxOptions {
  readonly user?: string;
  readonly role?: string;
  readonly type?: string;
  readonly level?: string;
}

const seLinuxOptions: Message<SELinuxOptions> = message({
  name: 'core.v1.SELinuxOptions',
  description: 'An SELinux context.',
  fields: {
    user: text(1, 'The user part.'),
    role: text(2, 'The role part.'),
    type: text(3, 'The type part.'),
    level: text(4, 'The level part.'),
  },
});

export interface SeccompProfile {
  readonly type: string;
  readonly localhostProfile?: string;
}

const seccompProfile: Message<SeccompProfile> = message({
  name: 'core.v1.SeccompProfile',
  description: 'Which system calls are allowed.',
  fields: {
    type: required(
      text(1, "RuntimeDefault is the container engine's own profile.", {
        values: ['Localhost', 'RuntimeDefault', 'Unconfined'],
      }),
    ),
    localhostProfile: text(2, 'File on the node, with type Localhost.', { keepZero: true }),
  },
  check: checkSeccompProfile,
});

export interface AppArmorProfile {
  readonly type: string;
  readonly localhostProfile?: string;
}

const appArmorProfile: Message<AppArmorProfile> = message({
  name: 'core.v1.AppArmorProfile',
  description: 'Which AppArmor profile confines the processes.',
  fields: {
    type: required(
      text(1, "RuntimeDefault is the container engine's own profile.", {
        values: ['Localhost', 'RuntimeDefault', 'Unconfined'],
      }),
    ),
    localhostProfile: text(2, 'Profile loaded on the node, with type Localhost.', { keepZero: true }),
  },
  check: checkAppArmorProfile,
});

export interface WindowsSecurityContextOptions {
  readonly gmsaCredentialSpecName?: string;
  readonly gmsaCredentialSpec?: string;
  readonly runAsUserName?: string;
  readonly hostProcess?: boolean;
}

const windowsSecurityContextOptions: Message<WindowsSecurityContextOptions> = message({
  name: 'core.v1.WindowsSecurityContextOptions',
  description: 'Settings for Windows nodes.',
  fields: {
    gmsaCredentialSpecName: text(1, 'Name of the GMSA credential specification.', { keepZero: true }),
    gmsaCredentialSpec: text(2, 'The GMSA credential specification itself.', { keepZero: true }),
    runAsUserName: text(3, 'The user of the processes.', { keepZero: true }),
    hostProcess: flag(4, 'Whether the container runs as a process of the host.', { keepZero: true }),
  },
});

export interface Capabilities {
  readonly add?: readonly string[];
  readonly drop?: readonly string[];
}

const capabilities: Message<Capabilities> = message({
  name: 'core.v1.Capabilities',
  description: "Linux capabilities beyond or below the engine's default set.",
  fields: {
    add: texts(1, 'Capabilities to add, e.g. NET_ADMIN.', atomicList),
    drop: texts(2, 'Capabilities to take away; ALL takes all.', atomicList),
  },
});

export interface Sysctl {
  readonly name: string;
  readonly value: string;
}

const sysctl: Message<Sysctl> = message({
  name: 'core.v1.Sysctl',
  description: 'A kernel parameter.',
  fields: {
    name: required(text(1, 'The parameter, e.g. net.core.somaxconn.')),
    value: required(text(2, 'Its value.', { mayBeEmpty: true })),
  },
});

export interface PodSecurityContext {
  readonly seLinuxOptions?: SELinuxOptions;
  readonly runAsUser?: number;
  readonly runAsNonRoot?: boolean;
  readonly supplementalGroups?: readonly number[];
  readonly fsGroup?: number;
  readonly runAsGroup?: number;
  readonly sysctls?: readonly Sysctl[];
  readonly windowsOptions?: WindowsSecurityContextOptions;
  readonly fsGroupChangePolicy?: string;
  readonly seccompProfile?: SeccompProfile;
  readonly appArmorProfile?: AppArmorProfile;
  readonly supplementalGroupsPolicy?: string;
  readonly seLinuxChangePolicy?: string;
}

export const podSecurityContext: Message<PodSecurityContext> = message({
  name: 'core.v1.PodSecurityContext',
  description: 'Rights of all containers of a pod, unless a container says otherwise.',
  fields: {
    seLinuxOptions: nested(1, 'SELinux context of all containers.', seLinuxOptions, {
      refused: notServed('SELinux options'),
    }),
    runAsUser: int64(2, 'User id of the processes.', { keepZero: true, min: 0, max: idMax }),
    runAsNonRoot: flag(3, 'Whether a container that would run as user 0 is refused.', { keepZero: true }),
    supplementalGroups: integers(4, 'Further groups that the first process is in.', {
      ...atomicList,
      each: { min: 0, max: idMax },
    }),
    fsGroup: int64(5, "Group that owns the volumes and is added to the processes' groups.", {
      keepZero: true,
      min: 0,
      max: idMax,
    }),
    runAsGroup: int64(6, 'Group id of the processes.', { keepZero: true, min: 0, max: idMax }),
    sysctls: list(7, "Kernel parameters of the pod's namespaces.", sysctl, {
      ...atomicList,
      unique: 'name',
    }),
    windowsOptions: nested(8, 'Settings for Windows.', windowsSecurityContextOptions, {
      refused: notServed('Windows nodes'),
    }),
    fsGroupChangePolicy: text(9, 'When the ownership of a volume is changed.', {
      keepZero: true,
      values: ['Always', 'OnRootMismatch'],
    }),
    seccompProfile: nested(10, 'System calls allowed.', seccompProfile),
    appArmorProfile: nested(11, 'AppArmor profile.', appArmorProfile),
    supplementalGroupsPolicy: text(12, "Whether groups of the image's /etc/group are added.", {
      keepZero: true,
      values: ['Merge', 'Strict'],
    }),
    seLinuxChangePolicy: text(13, 'How volumes are labelled.', {
      keepZero: true,
      refused: notServed('SELinux options'),
    }),
  },
  check: checkPodSecurityContext,
});

export interface SecurityContext {
  readonly capabilities?: Capabilities;
  readonly privileged?: boolean;
  readonly seLinuxOptions?: SELinuxOptions;
  readonly runAsUser?: number;
  readonly runAsNonRoot?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly runAsGroup?: number;
  readonly procMount?: string;
  readonly windowsOptions?: WindowsSecurityContextOptions;
  readonly seccompProfile?: SeccompProfile;
  readonly appArmorProfile?: AppArmorProfile;
}

export const securityContext: Message<SecurityContext> = message({
  name: 'core.v1.SecurityContext',
  description: 'Rights of one container; goes before what the pod says.',
  fields: {
    capabilities: nested(1, 'Capabilities to add or drop.', capabilities),
    privileged: flag(2, 'Whether the container has nearly all rights of the host.', { keepZero: true }),
    seLinuxOptions: nested(3, 'SELinux context.', seLinuxOptions, { refused: notServed('SELinux options') }),
    runAsUser: int64(4, 'User id of the processes.', { keepZero: true, min: 0, max: idMax }),
    runAsNonRoot: flag(5, 'Whether the container is refused when it would run as user 0.', { keepZero: true }),
    readOnlyRootFilesystem: flag(6, 'Whether the root file system cannot be written.', { keepZero: true }),
    allowPrivilegeEscalation: flag(
      7,
      'Whether a process may gain more rights than its parent, e.g. by setuid programs.',
      { keepZero: true },
    ),
    runAsGroup: int64(8, 'Group id of the processes.', { keepZero: true, min: 0, max: idMax }),
    procMount: text(9, 'How /proc is masked.', { keepZero: true, values: ['Default', 'Unmasked'] }),
    windowsOptions: nested(10, 'Settings for Windows.', windowsSecurityContextOptions, {
      refused: notServed('Windows nodes'),
    }),
    seccompProfile: nested(11, 'System calls allowed.', seccompProfile),
    appArmorProfile: nested(12, 'AppArmor profile.', appArmorProfile),
  },
  check: checkSecurityContext,
});
