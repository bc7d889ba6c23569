import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { EngineNode, untilTerminated } from '../support/engine-node.ts';
import { json, ScriptedServer } from '../support/scripted-server.ts';

const timeout = 90_000;
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** The agent of a node as a process of its own, which can be killed like one. */
function startProcess(node: EngineNode): ChildProcess {
  const { name, dataDir, runtimeDir, nodeIp } = node.options();
  const args = ['--name', name, '--data-dir', dataDir, '--runtime-dir', runtimeDir, '--node-ip', nodeIp ?? ''];
  return spawn(process.execPath, [main, ...args, '--log-level', 'error'], { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function kill(agent: ChildProcess): Promise<void> {
  const ended = once(agent, 'exit');
  agent.kill('SIGKILL');
  await ended;
}

test('killed and started again, an agent finds its containers untouched, and a server that joined after the node did', {
  timeout,
}, async () => {
  await using node = await EngineNode.open();
  // From here on it is a process; all that its node knows of servers is the one it joined at.
  await node.stop();
  await node.server.until('its session is over', () => node.server.sessions.length === 0);
  const first = node.server;
  await using second = await ScriptedServer.open(node.authority, 's2');
  let agent = startProcess(node);
  try {
    await first.until('it has a session', () => first.sessions.length > 0);
    first.synced();
    const pod = await node.run(node.pod('kept', { command: untilTerminated() }));
    const id = node.containerId('kept');
    const status = first.statusOf('kept');
    first.tellServers([first, second]);
    const { heartbeats } = first;
    await first.until('it has had time to write', () => first.heartbeats > heartbeats + 2);

    await kill(agent);
    await first[Symbol.asyncDispose]();
    second.cluster = [first, second];
    second.opening = [
      { $case: 'node', value: { node: json(node.nodeObject()) } },
      { $case: 'pod', value: { pod: json({ ...pod, status }) } },
      { $case: 'synced', value: { revision: 1 } },
    ];
    agent = startProcess(node);
    await second.until('it tells of its pod', () => second.seen.has('kept'));
    expect(second.statusOf('kept')).toEqual(status);
    expect(second.statusOf('kept')?.containerStatuses).toMatchObject([
      { containerID: `docker://${id}`, restartCount: 0, ready: true },
    ]);
  } finally {
    await kill(agent);
  }
});
