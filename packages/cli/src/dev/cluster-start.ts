import type { BringUp } from './bring-up.ts';
import type { HostPlan } from './cluster-plan.ts';
import { type ClusterState, emptyState, livingProcess, writeState } from './cluster-state.ts';
import { isMember } from './data-directory.ts';
import { isAlive } from './launched-process.ts';
import { type Joining, processArguments } from './process-arguments.ts';
import type { WatchedProcess } from './waiting.ts';

/** Starts what does not run yet, and writes down at once what was started. */
export class ClusterStart {
  state: ClusterState;
  readonly #options: Pick<BringUp, 'fleet' | 'folder' | 'plan'>;

  constructor(options: Pick<BringUp, 'before' | 'fleet' | 'folder' | 'plan'>) {
    this.#options = options;
    this.state = options.before ?? emptyState(options.plan);
    writeState(options.folder, this.state);
  }

  /** Whether this host has joined the cluster before. */
  isMember({ name, role }: HostPlan): boolean {
    return isMember(role, this.#options.folder.dataOf(name));
  }

  async host(host: HostPlan, joining: Joining | undefined): Promise<void> {
    if (livingProcess(this.state, host.name) !== undefined) return;
    const { fleet, folder, plan } = this.#options;
    const files = { dataDir: folder.dataOf(host.name), engineSocket: fleet.engineSocket(host) };
    const launched = await fleet.launch(host, processArguments(plan, host, files, joining));
    this.#keep({ ...this.state, processes: { ...this.state.processes, [host.name]: launched } });
  }

  process({ name }: HostPlan): WatchedProcess {
    const launched = this.state.processes[name];
    if (launched === undefined) throw new Error(`${name} was not started`);
    return { launched, logFile: this.#options.folder.logOf(name) };
  }

  get frontDoorIsOpen(): boolean {
    const { frontDoor } = this.state;
    return frontDoor !== undefined && isAlive(frontDoor.process);
  }

  noteFrontDoor(frontDoor: NonNullable<ClusterState['frontDoor']>): void {
    this.#keep({ ...this.state, frontDoor });
  }

  #keep(state: ClusterState): void {
    this.state = state;
    writeState(this.#options.folder, state);
  }
}
