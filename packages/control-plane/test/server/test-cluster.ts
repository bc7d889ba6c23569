import type { Server } from '../../src/server.ts';
import { ApiClient, freePorts, startTestServer } from './running-server.ts';

interface Member {
  readonly name: string;
  readonly dataDir: string;
  readonly ports: readonly number[];
}

/** Three servers in this process, the second and third joined by token. */
export class TestCluster implements AsyncDisposable {
  readonly members: readonly Member[];
  readonly flags: readonly string[];
  readonly running: Map<string, Server> = new Map();

  constructor(members: readonly Member[], flags: readonly string[]) {
    this.members = members;
    this.flags = flags;
  }

  static async start(dataDir: string, flags: readonly string[]): Promise<TestCluster> {
    const ports = await freePorts(9);
    const members = ['s1', 's2', 's3'].map((name, at) => ({
      name,
      dataDir: `${dataDir}/${name}`,
      ports: ports.slice(at * 3, at * 3 + 3),
    }));
    const cluster = new TestCluster(members, flags);
    const first = await cluster.run('s1');
    const admin = await ApiClient.admin(first);
    const { body } = await admin.send('/berth/v1/tokens', { method: 'POST', body: { role: 'server' } });
    const join = ['--join', first.url, '--token', body.token];
    await Promise.all(['s2', 's3'].map((name) => cluster.run(name, join)));
    return cluster;
  }

  member(name: string): Member {
    const member = this.members.find((candidate) => candidate.name === name);
    if (member === undefined) throw new Error(`no member ${name}`);
    return member;
  }

  async run(name: string, flags: readonly string[] = []): Promise<Server> {
    const server = await startTestServer({ ...this.member(name), flags: [...this.flags, ...flags] });
    this.running.set(name, server);
    await server.ready();
    return server;
  }

  async stop(name: string): Promise<void> {
    const server = this.running.get(name);
    this.running.delete(name);
    await server?.[Symbol.asyncDispose]();
  }

  async admin(name: string): Promise<ApiClient> {
    const server = this.running.get(name);
    if (server === undefined) throw new Error(`${name} does not run`);
    return await ApiClient.admin(server);
  }

  gatewayOf(name: string): string {
    return `127.0.0.1:${this.member(name).ports[1]}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.running.keys()].map((name) => this.stop(name)));
  }
}
