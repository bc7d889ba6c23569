import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Container, Node, Pod, PodSpec } from '@berth/api';
import { realWorld } from '@berth/world';
import { pack } from 'tar-stream';
import { type Agent, startAgent } from '../../src/agent.ts';
import type { AgentOptions } from '../../src/agent-options.ts';
import { cleanup } from '../../src/cleanup.ts';
import { DockerEngine } from '../../src/engine/docker-engine.ts';
import { IdentityFiles } from '../../src/identity/node-identity.ts';
import { claimNetworkBlock, type NetworkBlock } from './network-block.ts';
import { identityFor, json, ScriptedServer } from './scripted-server.ts';
import { TestAuthority } from './test-authority.ts';

const engineSocket = '/var/run/docker.sock';
export const testImage = 'berth.test/busybox:3';

/** Applets that tests use inside containers. */
const applets = [
  'sh',
  'sleep',
  'cat',
  'ls',
  'hostname',
  'ip',
  'httpd',
  'nc',
  'nslookup',
  'touch',
  'echo',
  'id',
  'env',
  'stat',
  'dd',
  'rm',
  'kill',
  'head',
  'true',
  'false',
  'test',
  'mkdir',
  'chmod',
  'mv',
  'readlink',
  'df',
  'tr',
  'ln',
];

export const engine: DockerEngine = new DockerEngine({ socketPath: engineSocket, world: realWorld });

/** The tests need a real engine; without one they must fail, not pass unseen. */
async function ensureTestImage(): Promise<void> {
  try {
    await engine.info();
  } catch (error) {
    throw new Error(`these tests need a Docker Engine at ${engineSocket}: start dockerd`, { cause: error });
  }
  if ((await engine.inspectImage(testImage)) !== undefined) return;
  const archive = pack();
  archive.entry({ name: 'bin/busybox', mode: 0o755 }, readFileSync('/bin/busybox'));
  for (const applet of applets) archive.entry({ name: `bin/${applet}`, type: 'symlink', linkname: 'busybox' });
  archive.entry({ name: 'tmp/', type: 'directory', mode: 0o1777 });
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive as AsyncIterable<Uint8Array>) chunks.push(chunk);
  await engine.importImage(Buffer.concat(chunks), testImage, { entrypoint: [], purpose: 'test' });
}

const networkBlock = claimNetworkBlock();
let nodesMade = 0;

/** One agent with a scripted server before it and a real engine below it. */
export class EngineNode implements AsyncDisposable {
  readonly name: string;
  readonly clusterId: string;
  readonly authority: TestAuthority;
  readonly server: ScriptedServer;
  readonly folder: string;
  readonly block: NetworkBlock;
  readonly podCidr: string;
  readonly #overrides: Partial<AgentOptions>;
  #agent: Agent | undefined;

  private constructor(
    server: ScriptedServer,
    authority: TestAuthority,
    overrides: Partial<AgentOptions>,
    clusterId: string | undefined,
    block: NetworkBlock,
  ) {
    nodesMade += 1;
    const unique = `${process.pid.toString(36)}${nodesMade}`;
    this.name = `t-${unique}`;
    this.clusterId = clusterId ?? `test-${unique}`;
    this.authority = authority;
    this.server = server;
    this.folder = mkdtempSync(join(tmpdir(), 'berth-agent-test-'));
    this.block = block;
    this.podCidr = block.nodeCidr(nodesMade);
    this.#overrides = overrides;
  }

  static async open(
    overrides: Partial<AgentOptions> = {},
    shared?: { readonly node: EngineNode },
  ): Promise<EngineNode> {
    await ensureTestImage();
    const authority = shared?.node.authority ?? new TestAuthority();
    const server = await ScriptedServer.open(authority);
    const block = await networkBlock;
    const node = new EngineNode(server, authority, overrides, shared?.node.clusterId, block);
    await new IdentityFiles(node.dataDir).save(identityFor(authority, node.name, node.clusterId, [server], block));
    server.opening = [{ $case: 'node', value: { node: json(node.nodeObject()) } }];
    await node.boot();
    return node;
  }

  get dataDir(): string {
    return join(this.folder, 'data');
  }

  get runtimeDir(): string {
    return join(this.folder, 'run');
  }

  get agent(): Agent {
    if (this.#agent === undefined) throw new Error('the agent is not running');
    return this.#agent;
  }

  async boot(): Promise<void> {
    this.#agent = await startAgent(this.options());
    await this.server.until('the agent has a session', () => this.server.sessions.length > 0);
  }

  options(): AgentOptions {
    return {
      name: this.name,
      dataDir: this.dataDir,
      runtimeDir: this.runtimeDir,
      servers: [],
      token: undefined,
      nodeIp: '127.0.0.1',
      createNodeIp: false,
      labels: {},
      taints: [],
      engineSocket,
      machinePid: undefined,
      reserved: {},
      podsMax: 110,
      metricsListen: undefined,
      logLevel: 'error',
      ...this.#overrides,
    };
  }

  async stop(): Promise<void> {
    await this.#agent?.[Symbol.asyncDispose]();
    this.#agent = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.server[Symbol.asyncDispose]();
    await cleanup({ nodeName: this.name, dataDir: this.dataDir });
    rmSync(this.folder, { recursive: true, force: true });
  }

  nodeObject(): Node {
    return {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: this.name, uid: `node-${this.name}` },
      spec: { podCIDR: this.podCidr },
    };
  }

  pod(name: string, container: Partial<Container>, spec: Partial<PodSpec> = {}): Pod {
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', uid: `${this.name}-${name}`, labels: { app: name } },
      spec: {
        containers: [{ name: 'web', image: testImage, ...container }],
        restartPolicy: 'Always',
        terminationGracePeriodSeconds: 1,
        ...spec,
      },
    };
  }

  /** Assigns a pod and waits until it runs. */
  async run(pod: Pod): Promise<Pod> {
    this.server.assign(pod);
    const { name = '' } = pod.metadata;
    await this.server.until(`pod ${name} is ready`, () =>
      this.server.statusOf(name)?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
    );
    return pod;
  }

  /** Deletes a pod as a server does and waits until nothing is left of it. */
  async delete(pod: Pod, graceSeconds = 1): Promise<void> {
    const { name = '' } = pod.metadata;
    const deletionTimestamp = new Date().toISOString();
    this.server.assign({
      ...pod,
      metadata: { ...pod.metadata, deletionTimestamp, deletionGracePeriodSeconds: graceSeconds },
    });
    await this.server.until(`pod ${name} is gone`, () => this.server.seen.get(name)?.gone);
    this.server.send({ $case: 'podGone', value: { uid: pod.metadata.uid ?? '' } });
  }

  /** Engine id of a container as the last status names it. */
  containerId(name: string, container = 'web'): string {
    const status = this.server.statusOf(name)?.containerStatuses?.find((entry) => entry.name === container);
    return (status?.containerID ?? '').replace('docker://', '');
  }

  /** Runs a command in a container of a pod. */
  async exec(name: string, command: readonly string[], container = 'web'): Promise<string> {
    const result = await engine.exec(this.containerId(name, container), {
      command,
      timeoutMs: 10_000,
      outputBytesMax: 65_536,
    });
    if (result.kind !== 'exited' || result.exitCode !== 0)
      throw new Error(`${command.join(' ')}: ${JSON.stringify(result)}`);
    return result.output;
  }
}

/** A shell program that ends at once when asked to. */
export function untilTerminated(before = ''): readonly string[] {
  return ['/bin/sh', '-c', `trap 'exit 0' TERM; ${before} while :; do sleep 3600 & wait $!; done`];
}

export function machine(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8' });
}
