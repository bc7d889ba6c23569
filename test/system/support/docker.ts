import { attempt, run } from './command.ts';

/** A container as `docker inspect` shows it, the part that tests read. */
export interface ContainerView {
  readonly Id: string;
  readonly Name: string;
  readonly State: {
    readonly Status: string;
    readonly Running: boolean;
    readonly StartedAt: string;
    readonly Pid: number;
  };
  readonly Config: {
    readonly Image: string;
    readonly Hostname: string;
    readonly Labels: Readonly<Record<string, string>>;
  };
  readonly HostConfig: { readonly Memory: number; readonly NanoCpus: number; readonly CpuShares: number };
}

export interface PodOfContainer {
  readonly namespace: string;
  /** Absent: all pods of the namespace. */
  readonly pod?: string;
  /** Absent: everything but sandboxes. */
  readonly container?: string;
}

/** One Docker Engine, spoken to with the `docker` command. */
export class Docker {
  readonly #host: readonly string[];

  constructor(socketPath?: string) {
    this.#host = socketPath === undefined ? [] : ['--host', `unix://${socketPath}`];
  }

  run(...args: readonly string[]): Promise<string> {
    return run('docker', [...this.#host, ...args]);
  }

  /** Every container that Berth made for these pods, running or not; sandboxes left out. */
  async containersOf({ namespace, pod, container }: PodOfContainer): Promise<readonly ContainerView[]> {
    const all = await this.withLabels({
      'berth.dev/namespace': namespace,
      ...(pod === undefined ? {} : { 'berth.dev/pod': pod }),
      ...(container === undefined ? {} : { 'berth.dev/container': container }),
    });
    return all.filter((view) => view.Config.Labels['berth.dev/role'] !== 'sandbox');
  }

  /** Running containers of these pods; sandboxes left out. */
  async runningOf(pods: PodOfContainer): Promise<readonly ContainerView[]> {
    return (await this.containersOf(pods)).filter((view) => view.State.Running);
  }

  async withLabels(labels: Readonly<Record<string, string>>): Promise<readonly ContainerView[]> {
    const filters = Object.entries(labels).flatMap(([key, value]) => ['--filter', `label=${key}=${value}`]);
    const listed = await this.run('ps', '--all', '--quiet', '--no-trunc', ...filters);
    const ids = listed.split('\n').filter((id) => id !== '');
    if (ids.length === 0) return [];
    return this.inspect(ids);
  }

  /** Those of the containers that are still there: some may go between listing and looking. */
  async inspect(ids: readonly string[]): Promise<readonly ContainerView[]> {
    const { stdout } = await attempt('docker', [...this.#host, 'inspect', '--type', 'container', ...ids]);
    return JSON.parse(stdout) as ContainerView[];
  }
}

/** Docker's ids and start times: equal before and after when nobody touched a container. */
export function lifeOf(views: readonly ContainerView[]): readonly string[] {
  return views.map(({ Id, State }) => `${Id.slice(0, 12)} started ${State.StartedAt}`).sort();
}
