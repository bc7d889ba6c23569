import type { ConfigMap, Node, Pod, Secret, ServiceAccount } from '@berth/api';
import { agentV1 } from '@berth/wire';
import { type ConfigStore, configKey, isConfigKind } from '../container/config-store.ts';
import { messageOf } from '../engine/engine-error.ts';
import type { Log } from '../logging/log.ts';
import type { PodKeeper } from '../pod/pod-keeper.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { ServerWord } from './server-session.ts';

export interface NodeAssignmentOptions {
  readonly keeper: PodKeeper;
  readonly config: ConfigStore;
  readonly checkpoint: Checkpoint;
  readonly log: Log;
  /** Every pod of this node has been named. */
  readonly onSynced: (uids: ReadonlySet<string>) => void;
  readonly onNode: (node: Node) => void;
  readonly onNetwork: (table: agentV1.NetworkTable) => void;
  /** Pods of which only files are left. */
  readonly leftovers: () => Promise<readonly string[]>;
}

/** Takes in what the server says about this node: which pods it has, what they refer to, how the network looks. */
export class NodeAssignment {
  readonly #options: NodeAssignmentOptions;
  /** Named since the session began. */
  #pods = new Set<string>();
  #configs = new Set<string>();
  #heard = false;

  constructor(options: NodeAssignmentOptions) {
    this.#options = options;
  }

  /** True once a server has begun to tell. */
  get heard(): boolean {
    return this.#heard;
  }

  /** A session begins: everything will be named anew. */
  begin(): void {
    this.#heard = true;
    this.#pods = new Set();
    this.#configs = new Set();
  }

  take(word: ServerWord): void {
    try {
      this.#take(word);
    } catch (error) {
      this.#options.log.error(
        { word: word.$case, error: messageOf(error) },
        'a message of the server cannot be understood',
      );
    }
  }

  /** Goes on from what the servers said last, as long as none of them can be reached. */
  async restore(): Promise<void> {
    const { checkpoint, log } = this.#options;
    log.warn({}, 'no server can be reached: going on with what they said last');
    for (const { bytes } of await checkpoint.load('node')) this.#node(bytes);
    for (const { bytes } of await checkpoint.load('network'))
      this.#options.onNetwork(agentV1.NetworkTable.decode(bytes));
    for (const { key, bytes } of await checkpoint.load('config')) this.#config(key.split('/')[0] ?? '', bytes);
    for (const { bytes } of await checkpoint.load('pods')) this.#pod(bytes);
  }

  #take(word: ServerWord): void {
    const { checkpoint, keeper, config } = this.#options;
    switch (word.$case) {
      case 'pod':
        this.#pod(word.value.pod);
        return;
      case 'podGone':
        this.#pods.delete(word.value.uid);
        checkpoint.delete('pods', word.value.uid);
        keeper.unassign(word.value.uid);
        return;
      case 'config':
        this.#config(word.value.kind, word.value.object);
        return;
      case 'configGone': {
        const { kind, namespace, name } = word.value;
        if (!isConfigKind(kind)) return;
        this.#configs.delete(configKey(kind, namespace, name));
        checkpoint.delete('config', configKey(kind, namespace, name));
        config.delete(kind, namespace, name);
        keeper.configChanged(kind, namespace, name);
        return;
      }
      case 'node':
        this.#node(word.value.node);
        return;
      case 'network':
        checkpoint.put('network', 'table', agentV1.NetworkTable.encode(word.value).finish());
        this.#options.onNetwork(word.value);
        return;
      case 'synced':
        this.#sync().catch((error: unknown) => this.#options.log.error({ error }, 'leftovers could not be looked for'));
        return;
      case 'welcome':
      case 'servers':
      case 'reportPod':
      case 'openTunnel':
      case 'heartbeatAck':
      case 'goodbye':
        // Somebody else's business.
        return;
    }
  }

  #pod(bytes: Uint8Array): void {
    const pod = parse<Pod>(bytes);
    const uid = pod.metadata.uid ?? '';
    this.#pods.add(uid);
    this.#options.checkpoint.put('pods', uid, bytes);
    this.#options.keeper.assign(pod);
  }

  #config(kind: string, bytes: Uint8Array): void {
    if (!isConfigKind(kind)) return;
    const object = parse<ConfigMap | Secret | ServiceAccount>(bytes);
    const { namespace = '', name = '' } = object.metadata;
    const key = configKey(kind, namespace, name);
    this.#configs.add(key);
    this.#options.checkpoint.put('config', key, bytes);
    this.#options.config.put(kind, object);
    this.#options.keeper.configChanged(kind, namespace, name);
  }

  #node(bytes: Uint8Array): void {
    this.#options.checkpoint.put('node', 'self', bytes);
    this.#options.onNode(parse<Node>(bytes));
  }

  /** Everything has been named: what was not, is no more. */
  async #sync(): Promise<void> {
    const { keeper, config, checkpoint, leftovers } = this.#options;
    const pods = this.#pods;
    const configs = this.#configs;
    config.retainOnly(configs);
    const onDisk = await leftovers();
    // Another session has begun meanwhile, and will say so itself.
    if (pods !== this.#pods) return;
    this.#options.onSynced(pods);
    keeper.retainOnly(pods, onDisk);
    await checkpoint.retainOnly('pods', pods);
    await checkpoint.retainOnly('config', configs);
  }
}

function parse<T>(bytes: Uint8Array): T {
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as T;
}
