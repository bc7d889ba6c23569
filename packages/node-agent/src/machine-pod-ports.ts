import { availableParallelism } from 'node:os';
import type { ConfigStore } from './container/config-store.ts';
import { MachineComposer } from './container/machine-composer.ts';
import { EngineImageProvider } from './image/image-provider.ts';
import type { NodeNetwork } from './node-network.ts';
import type { NodeWorkOptions } from './node-work.ts';
import type { ContainerTable } from './pod/container-table.ts';
import type { EventSink, PodPorts } from './pod/pod-ports.ts';
import { StartLimiter } from './pod/start-limiter.ts';
import type { HealthChecker } from './probe/health-check.ts';
import { LifecycleHooks } from './probe/lifecycle-hooks.ts';
import type { MachinePodFiles } from './volume/pod-files.ts';

/** More starts at once than this per core only make each of them slower. */
const startsPerCore = 2;

export interface OpenedParts {
  readonly containers: ContainerTable;
  readonly config: ConfigStore;
  readonly network: NodeNetwork;
  readonly files: MachinePodFiles;
  readonly events: EventSink;
  readonly checker: HealthChecker;
}

/** What pods' workers act through on a real machine. */
export function machinePodPorts(parts: NodeWorkOptions, opened: OpenedParts): PodPorts {
  const { machine, identity, scope, facts, sandboxImage, metrics, world, log } = parts;
  const { engine, folders, engineInfo } = machine;
  const { containers, config, network, files, events, checker } = opened;
  const { name: nodeName, addresses: hostIps, allocatable } = facts;
  return {
    engine,
    containers,
    scope,
    sandboxImage,
    files,
    network: network.pods,
    served: network.cluster,
    images: new EngineImageProvider({ engine, defaultRegistry: engineInfo.defaultRegistry, config, events, world }),
    hooks: new LifecycleHooks({ checker, world, hostIps: () => hostIps }),
    composer: new MachineComposer({
      engine,
      scope,
      sandboxImage,
      folders,
      config,
      nodeMemoryBytes: engineInfo.memoryBytes,
      clusterDomain: () => identity.settings.clusterDomain,
      services: () => network.cluster.current?.services ?? [],
      facts: () => ({ nodeName, hostIps, allocatable }),
    }),
    events,
    countRestart: () => metrics.containerRestarts.inc(),
    starts: new StartLimiter(startsPerCore * availableParallelism()),
    world,
    log,
  };
}
