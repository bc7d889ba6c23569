import type { Container, Pod, PodSpec, PodStatus } from '@berth/api';
import type { ContainerSpec } from '../../src/engine/container-spec.ts';
import { FakeEngine, type FakeEngineOptions } from '../../src/engine/fake-engine.ts';
import { silentLog } from '../../src/logging/log.ts';
import { configHash } from '../../src/pod/config-hash.ts';
import { containerName, identityLabels } from '../../src/pod/container-identity.ts';
import { ContainerTable } from '../../src/pod/container-table.ts';
import { PodKeeper } from '../../src/pod/pod-keeper.ts';
import type { PodEvent, PodPorts } from '../../src/pod/pod-ports.ts';
import type { PodSituation } from '../../src/pod/pod-situation.ts';
import { StartLimiter } from '../../src/pod/start-limiter.ts';
import { FakeWorld } from './fake-world.ts';

const scope = { clusterId: 'cluster', nodeName: 'n1' };

/** A node with a fake engine and nothing around it: pods go in, statuses and events come out. */
export class FakeNode implements AsyncDisposable {
  readonly world: FakeWorld;
  readonly engine: FakeEngine;
  readonly statuses: Map<string, PodStatus> = new Map();
  readonly gone: string[] = [];
  readonly events: PodEvent[] = [];
  readonly hooks: string[] = [];
  /** Addresses that services lead to. */
  readonly served: Set<string> = new Set();
  restarts = 0;
  lastPass: PodSituation | undefined;
  #keeper: PodKeeper | undefined;
  #table: ContainerTable | undefined;

  constructor(options: Partial<FakeEngineOptions> = {}) {
    this.world = new FakeWorld();
    this.engine = new FakeEngine({ images: { web: {}, sandbox: {} }, ...options, world: this.world });
  }

  get keeper(): PodKeeper {
    if (this.#keeper === undefined) throw new Error('the agent is not running');
    return this.#keeper;
  }

  get table(): ContainerTable {
    if (this.#table === undefined) throw new Error('the agent is not running');
    return this.#table;
  }

  /** Starts an agent process; an earlier one has to be killed before. */
  async boot(ports: Partial<PodPorts> = {}): Promise<void> {
    const { world, engine } = this;
    this.#table = await ContainerTable.open({
      engine,
      world,
      scope,
      log: silentLog,
      onChange: (uid) => this.#keeper?.containersChanged(uid),
      onHealth: () => undefined,
    });
    this.#keeper = new PodKeeper({
      ports: { ...this.#ports(this.#table), ...ports },
      hostIps: () => ['192.0.2.1'],
      onStatus: (pod, status) => this.statuses.set(pod.metadata.name ?? '', status),
      onGone: (uid) => this.gone.push(uid),
      onPass: (situation) => {
        this.lastPass = situation;
      },
    });
  }

  /** Boots, and runs a pod until its containers have started. */
  async run(pod: Pod): Promise<Pod> {
    await this.boot();
    this.keeper.assign(pod);
    await this.world.advance(10);
    return pod;
  }

  /** SIGKILL: no farewell, the engine goes on. */
  async kill(): Promise<void> {
    this.#keeper?.[Symbol.dispose]();
    await this.#table?.[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  status(name: string): PodStatus {
    return this.statuses.get(name) ?? {};
  }

  /** Engine id of the newest attempt of a container. */
  idOf(pod: Pod, container: string): string {
    const found = this.table
      .ofPod(pod.metadata.uid ?? '')
      .filter(({ identity }) => (identity.role === 'sandbox' ? 'sandbox' : identity.container) === container)
      .sort((a, b) => b.identity.attempt - a.identity.attempt)[0];
    if (found === undefined) throw new Error(`no container ${container}`);
    return found.id;
  }

  #ports(containers: ContainerTable): PodPorts {
    const { world, engine } = this;
    let addresses = 1;
    return {
      engine,
      containers,
      scope,
      sandboxImage: 'sandbox',
      files: {
        prepare: async () => undefined,
        writeIdentity: async () => undefined,
        readTermination: async () => '',
        release: async () => undefined,
      },
      network: {
        reserve: async () => ({ podIp: `10.244.0.${++addresses}`, [Symbol.dispose]: () => undefined }),
        attach: async () => undefined,
      },
      served: { isServed: (address) => this.served.has(address) },
      images: {
        ensure: async (_pod, { spec }) => {
          if ((await engine.inspectImage(spec.image ?? '')) === undefined)
            await engine.pullImage(spec.image ?? '', undefined);
        },
      },
      hooks: {
        run: async (handler, { container }) => {
          this.hooks.push(`${container}: ${handler.exec?.command?.join(' ')}`);
        },
      },
      composer: fakeComposer(),
      countRestart: () => {
        this.restarts += 1;
      },
      events: { tell: (_pod, event) => this.events.push(event) },
      starts: new StartLimiter(4),
      world,
      log: silentLog,
    };
  }
}

function fakeComposer(): PodPorts['composer'] {
  const member = (pod: Pod) => {
    const { uid = '', namespace = '', name = '' } = pod.metadata;
    return { uid, namespace, pod: name };
  };
  return {
    sandbox: (pod, attempt, podIp) => {
      const identity = { ...member(pod), role: 'sandbox', attempt, podIp, hostPorts: '' } as const;
      return bareSpec(containerName(identity), 'sandbox', identityLabels(scope, identity));
    },
    container: async (pod, { spec, role }, { attempt, sandboxId, backoffSeconds }) => {
      const own = { role, container: spec.name, attempt, sandboxId, backoffSeconds, hash: configHash(spec) };
      const identity = { ...member(pod), ...own };
      return bareSpec(containerName(identity), spec.image ?? '', identityLabels(scope, identity));
    },
  };
}

export function bareSpec(name: string, image: string, labels: Readonly<Record<string, string>>): ContainerSpec {
  return {
    name,
    image,
    labels,
    environment: [],
    network: { kind: 'host' },
    ipc: { kind: 'shareable' },
    pid: { kind: 'own' },
    mounts: [],
    security: {
      user: '',
      supplementalGroups: [],
      privileged: false,
      addCapabilities: [],
      dropCapabilities: [],
      readOnlyRoot: false,
      noNewPrivileges: false,
      seccomp: 'default',
    },
    resources: { cpuShares: 2, cpuQuotaMicros: 0, memoryBytes: 0, oomScoreAdjust: 0 },
    terminal: { tty: false, stdin: false, stdinOnce: false },
    sysctls: {},
    log: { kind: 'none' },
  };
}

/** A pod of one container `web`, unless told otherwise. */
export function aPod(spec: Partial<PodSpec> = {}, metadata: Partial<Pod['metadata']> = {}): Pod {
  const containers: readonly Container[] = [{ name: 'web', image: 'web' }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-1', namespace: 'default', uid: 'u1', ...metadata },
    spec: { containers, ...spec },
  };
}
