import type { Pod } from '@berth/api';
import type { agentV1 } from '@berth/wire';
import type { ContainerSpec, NamespaceChoice } from '../engine/container-spec.ts';
import type { Engine } from '../engine/engine.ts';
import { formatHostPorts, hostPortsOf } from '../network/host-ports.ts';
import { configHash } from '../pod/config-hash.ts';
import {
  containerName,
  identityLabels,
  type MemberIdentity,
  type NodeScope,
  type SandboxIdentity,
} from '../pod/container-identity.ts';
import type { ContainerComposer, ContainerPlace } from '../pod/pod-ports.ts';
import type { SpecifiedContainer } from '../pod/pod-situation.ts';
import { hostNetworkArguments } from '../sandbox/sandbox-program.ts';
import { podHostname } from '../volume/identity-files.ts';
import type { PodFolders } from '../volume/pod-folders.ts';
import type { ConfigView } from './config-store.ts';
import { containerMounts } from './container-mounts.ts';
import type { DownwardFacts } from './downward-value.ts';
import { environmentOf } from './environment.ts';
import { resourceSettings } from './resource-settings.ts';
import { securitySettings } from './security-settings.ts';
import { serviceEnvironment } from './service-environment.ts';
import { expandVariables } from './variable-expansion.ts';

/** Kept of a container's output: five files of 10 MiB, the kubelet's defaults. */
const log = { kind: 'file', maxBytes: 10 * 2 ** 20, maxFiles: 5 } as const;

export interface MachineComposerOptions {
  readonly engine: Engine;
  readonly scope: NodeScope;
  readonly sandboxImage: string;
  readonly folders: PodFolders;
  readonly config: ConfigView;
  readonly nodeMemoryBytes: number;
  readonly clusterDomain: () => string;
  readonly services: () => readonly agentV1.ServiceEntry[];
  /** About this node; the pod's own address is added. */
  readonly facts: () => Omit<DownwardFacts, 'podIp'>;
}

/** Translates the specification of pods into what the engine is told. */
export class MachineComposer implements ContainerComposer {
  readonly #options: MachineComposerOptions;

  constructor(options: MachineComposerOptions) {
    this.#options = options;
  }

  sandbox(pod: Pod, attempt: number, podIp: string): ContainerSpec {
    const { scope, sandboxImage, clusterDomain } = this.#options;
    const hostPorts = formatHostPorts(hostPortsOf(pod));
    const identity: SandboxIdentity = { ...podOf(pod), role: 'sandbox', attempt, podIp, hostPorts };
    const { hostNetwork, hostPID, hostIPC } = pod.spec;
    return {
      name: containerName(identity),
      image: sandboxImage,
      labels: identityLabels(scope, identity),
      ...(hostNetwork === true ? { arguments: hostNetworkArguments } : { hostname: podHostname(pod, clusterDomain()) }),
      environment: [],
      // The program leaves the machine's network by itself, see sandbox-program.ts.
      network: { kind: 'host' },
      ipc: hostIPC === true ? { kind: 'host' } : { kind: 'shareable' },
      pid: hostPID === true ? { kind: 'host' } : { kind: 'own' },
      mounts: [],
      security: {
        user: '',
        supplementalGroups: [],
        privileged: false,
        addCapabilities: hostNetwork === true ? [] : ['SYS_ADMIN'],
        dropCapabilities: ['ALL'],
        readOnlyRoot: true,
        noNewPrivileges: true,
        seccomp: 'default',
      },
      resources: { cpuShares: 2, cpuQuotaMicros: 0, memoryBytes: 0, oomScoreAdjust: 0 },
      terminal: { tty: false, stdin: false, stdinOnce: false },
      sysctls: ipcSysctls(pod),
      log: { kind: 'none' },
    };
  }

  async container(pod: Pod, container: SpecifiedContainer, place: ContainerPlace): Promise<ContainerSpec> {
    const { engine, scope, folders, config, nodeMemoryBytes, facts, services } = this.#options;
    const { spec } = container;
    const { attempt, sandboxId, podIp } = place;
    const sources = { config, facts: { ...facts(), podIp }, services: serviceEnvironment(pod, services()) };
    const environment = environmentOf(pod, spec, sources);
    const expand = (text: string) => expandVariables(text, (name) => environment.get(name));
    const identity = memberIdentity(pod, container, place);
    const stopSignal = spec.lifecycle?.stopSignal;
    const imageUser = needsImageUser(pod, container) ? ((await engine.inspectImage(spec.image ?? ''))?.user ?? '') : '';
    return {
      name: containerName(identity),
      image: spec.image ?? '',
      labels: identityLabels(scope, identity),
      ...entry(spec.command?.map(expand), spec.args?.map(expand)),
      environment: [...environment].map(([name, value]) => `${name}=${value}`),
      ...(spec.workingDir === undefined || spec.workingDir === '' ? {} : { workingDir: spec.workingDir }),
      network: { kind: 'container', containerId: sandboxId },
      ipc: pod.spec.hostIPC === true ? { kind: 'host' } : { kind: 'container', containerId: sandboxId },
      pid: processNamespace(pod, sandboxId),
      mounts: await containerMounts(folders, pod, spec, attempt, environment),
      security: securitySettings(pod, spec, imageUser),
      resources: resourceSettings(pod, spec, nodeMemoryBytes),
      terminal: { tty: spec.tty ?? false, stdin: spec.stdin ?? false, stdinOnce: spec.stdinOnce ?? false },
      ...(stopSignal === undefined ? {} : { stopSignal }),
      sysctls: {},
      log,
    };
  }
}

function podOf(pod: Pod): Pick<SandboxIdentity, 'uid' | 'namespace' | 'pod'> {
  const { uid = '', namespace = '', name = '' } = pod.metadata;
  return { uid, namespace, pod: name };
}

function memberIdentity(pod: Pod, { spec, role }: SpecifiedContainer, place: ContainerPlace): MemberIdentity {
  const { attempt, sandboxId, backoffSeconds } = place;
  return { ...podOf(pod), role, container: spec.name, attempt, sandboxId, backoffSeconds, hash: configHash(spec) };
}

/** `command` replaces the image's entry point and its arguments; `args` alone replaces the arguments. */
function entry(
  command: readonly string[] | undefined,
  args: readonly string[] | undefined,
): Pick<ContainerSpec, 'entrypoint' | 'arguments'> {
  const hasCommand = command !== undefined && command.length > 0;
  const hasArgs = args !== undefined && args.length > 0;
  return {
    ...(hasCommand ? { entrypoint: command } : {}),
    ...(hasArgs ? { arguments: args } : hasCommand ? { arguments: [] } : {}),
  };
}

function processNamespace(pod: Pod, sandboxId: string): NamespaceChoice | { readonly kind: 'own' } {
  if (pod.spec.hostPID === true) return { kind: 'host' };
  return pod.spec.shareProcessNamespace === true ? { kind: 'container', containerId: sandboxId } : { kind: 'own' };
}

/** Settings of the network are made when it is wired; those of IPC belong to the sandbox. */
function ipcSysctls(pod: Pod): Readonly<Record<string, string>> {
  const all = pod.spec.securityContext?.sysctls ?? [];
  return Object.fromEntries(all.filter(({ name }) => !name.startsWith('net.')).map(({ name, value }) => [name, value]));
}

function needsImageUser(pod: Pod, { spec }: SpecifiedContainer): boolean {
  const nonRoot = spec.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot ?? false;
  return nonRoot && (spec.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser) === undefined;
}
