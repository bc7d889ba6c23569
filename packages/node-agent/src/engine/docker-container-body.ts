import type Docker from 'dockerode';
import type { BindMount, ContainerSpec, NamespaceChoice } from './container-spec.ts';

/** The body of Docker's `POST /containers/create` for a container of ours. */
export function dockerContainerBody(spec: ContainerSpec): Docker.ContainerCreateOptions {
  return {
    name: spec.name,
    Image: spec.image,
    Labels: { ...spec.labels },
    Env: [...spec.environment],
    Tty: spec.terminal.tty,
    OpenStdin: spec.terminal.stdin,
    StdinOnce: spec.terminal.stdinOnce,
    User: spec.security.user,
    // The image's own health check would run beside the pod's probes.
    Healthcheck: { Test: ['NONE'] },
    ...(spec.hostname === undefined ? {} : { Hostname: spec.hostname }),
    ...(spec.workingDir === undefined ? {} : { WorkingDir: spec.workingDir }),
    ...(spec.entrypoint === undefined ? {} : { Entrypoint: [...spec.entrypoint] }),
    ...(spec.arguments === undefined ? {} : { Cmd: [...spec.arguments] }),
    ...(spec.stopSignal === undefined ? {} : { StopSignal: spec.stopSignal }),
    HostConfig: hostConfig(spec),
  };
}

function hostConfig(spec: ContainerSpec): Docker.HostConfig {
  const { security, resources } = spec;
  return {
    NetworkMode: namespaceMode(spec.network),
    IpcMode: spec.ipc.kind === 'shareable' ? 'shareable' : namespaceMode(spec.ipc),
    PidMode: spec.pid.kind === 'own' ? '' : namespaceMode(spec.pid),
    Mounts: spec.mounts.map(mountBody),
    Privileged: security.privileged,
    CapAdd: [...security.addCapabilities],
    CapDrop: [...security.dropCapabilities],
    GroupAdd: security.supplementalGroups.map(String),
    ReadonlyRootfs: security.readOnlyRoot,
    SecurityOpt: [
      ...(security.noNewPrivileges ? ['no-new-privileges'] : []),
      ...(security.seccomp === 'unconfined' ? ['seccomp=unconfined'] : []),
    ],
    Sysctls: { ...spec.sysctls },
    CpuShares: resources.cpuShares,
    ...(resources.cpuQuotaMicros === 0 ? {} : { CpuPeriod: 100_000, CpuQuota: resources.cpuQuotaMicros }),
    // Swap equal to memory means: no swap, so that the limit means what it says.
    ...(resources.memoryBytes === 0 ? {} : { Memory: resources.memoryBytes, MemorySwap: resources.memoryBytes }),
    OomScoreAdj: resources.oomScoreAdjust,
    RestartPolicy: { Name: 'no' },
    LogConfig:
      spec.log.kind === 'none'
        ? { Type: 'none', Config: {} }
        : {
            Type: 'json-file',
            Config: { 'max-size': String(spec.log.maxBytes), 'max-file': String(spec.log.maxFiles) },
          },
  };
}

function namespaceMode(choice: NamespaceChoice): string {
  return choice.kind === 'host' ? 'host' : `container:${choice.containerId}`;
}

function mountBody(mount: BindMount): Docker.MountSettings {
  return {
    Type: 'bind',
    Source: mount.source,
    Target: mount.target,
    ReadOnly: mount.readOnly,
    BindOptions: { Propagation: mount.propagation },
  };
}
