import type { Duplex } from 'node:stream';
import type { World } from '@berth/world';
import type Docker from 'dockerode';
import { belongsToContainer } from '../host/process-owner.ts';
import { demultiplex } from './docker-output.ts';
import type { ExecRequest, ExecResult } from './engine.ts';

/**
 * Runs a command in a container. Docker cannot end an exec: past the time limit its process is killed by its id, which the
 * agent can do since it shares the machine's process namespace.
 */
export async function runDockerExec(
  docker: Docker,
  world: World,
  containerId: string,
  request: ExecRequest,
): Promise<ExecResult> {
  const exec = await docker.getContainer(containerId).exec({
    Cmd: [...request.command],
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
  });
  const stream = await exec.start({ hijack: true, stdin: false });
  let timedOut = false;
  using _limit = world.timers.after(request.timeoutMs, () => {
    timedOut = true;
    void killExec(exec, containerId).finally(() => stream.destroy());
  });
  const output = await readOutput(stream, request.outputBytesMax);
  if (timedOut) return { kind: 'timed-out', output };
  const { ExitCode: exitCode } = await exec.inspect();
  return { kind: 'exited', exitCode: exitCode ?? -1, output };
}

async function killExec(exec: Docker.Exec, containerId: string): Promise<void> {
  try {
    const { Pid: pid, Running: running } = await exec.inspect();
    if (running && pid > 0 && (await belongsToContainer(pid, containerId))) process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself, or the engine is gone: nothing is left to kill.
  }
}

async function readOutput(stream: Duplex, bytesMax: number): Promise<string> {
  const kept: Uint8Array[] = [];
  let bytesKept = 0;
  try {
    for await (const { bytes } of demultiplex(stream, false)) {
      const room = bytesMax - bytesKept;
      if (room <= 0) continue;
      const part = bytes.subarray(0, room);
      kept.push(part);
      bytesKept += part.length;
    }
  } catch (error) {
    // Destroyed by the time limit: what came until then is the output.
    if (!stream.destroyed) throw error;
  }
  return Buffer.concat(kept).toString('utf8');
}
