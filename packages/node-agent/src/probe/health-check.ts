import type { LifecycleHandler, Pod, ProbeHandler } from '@berth/api';
import type { World } from '@berth/world';
import type { Engine } from '../engine/engine.ts';
import { messageOf } from '../engine/engine-error.ts';
import { checkGrpc } from './grpc-check.ts';
import { checkHttp } from './http-check.ts';
import { portNumber } from './probe-settings.ts';
import { checkTcp } from './tcp-check.ts';

/** As much of a command's output as Kubernetes looks at. */
const outputBytesMax = 10 * 1024;

export type HealthVerdict = { readonly ok: true } | { readonly ok: false; readonly message: string };

/** Where a probe or hook is aimed at. */
export interface CheckTarget {
  readonly pod: Pod;
  readonly container: string;
  readonly containerId: string;
  /** The pod's address, or the machine's for a pod with the machine's network. */
  readonly address: string;
}

/** Does what a probe or a hook asks for, once. Never rejects: whatever goes wrong is the verdict. */
export interface HealthChecker {
  check(handler: ProbeHandler | LifecycleHandler, target: CheckTarget, timeoutMs: number): Promise<HealthVerdict>;
}

export class MachineHealthChecker implements HealthChecker {
  readonly #engine: Engine;
  readonly #world: World;

  constructor(engine: Engine, world: World) {
    this.#engine = engine;
    this.#world = world;
  }

  async check(
    handler: ProbeHandler & LifecycleHandler,
    target: CheckTarget,
    timeoutMs: number,
  ): Promise<HealthVerdict> {
    try {
      return await this.#run(handler, target, timeoutMs);
    } catch (error) {
      return { ok: false, message: messageOf(error) };
    }
  }

  #run(handler: ProbeHandler & LifecycleHandler, target: CheckTarget, timeoutMs: number): Promise<HealthVerdict> {
    const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
    const port = (wanted: number | string) => {
      const found = portNumber(target.pod, target.container, wanted);
      if (found === undefined) throw new Error(`couldn't find port: ${wanted}`);
      return found;
    };
    if (exec !== undefined) return this.#exec(exec.command ?? [], target, timeoutMs);
    if (httpGet !== undefined) {
      return checkHttp({ ...httpGet, host: httpGet.host || target.address, port: port(httpGet.port) }, timeoutMs);
    }
    if (tcpSocket !== undefined) return checkTcp(tcpSocket.host || target.address, port(tcpSocket.port), timeoutMs);
    if (grpc !== undefined) return checkGrpc(target.address, grpc.port, grpc.service ?? '', timeoutMs);
    if (sleep !== undefined) return this.#world.timers.sleep(sleep.seconds * 1000).then(() => ({ ok: true }));
    return Promise.resolve({ ok: false, message: 'missing probe handler' });
  }

  async #exec(command: readonly string[], { containerId }: CheckTarget, timeoutMs: number): Promise<HealthVerdict> {
    const result = await this.#engine.exec(containerId, { command, timeoutMs, outputBytesMax });
    if (result.kind === 'timed-out') {
      return {
        ok: false,
        message: `command timed out: ${JSON.stringify(command.join(' '))} timed out after ${timeoutMs / 1000}s`,
      };
    }
    return result.exitCode === 0 ? { ok: true } : { ok: false, message: result.output };
  }
}
