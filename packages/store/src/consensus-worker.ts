import { parentPort, workerData } from 'node:worker_threads';
import { keepCompiledCode, realWorld } from '@berth/world';
import { ConsensusShell } from './consensus/consensus-shell.ts';
import type { StateFound } from './consensus/start-log.ts';
import type { CoreOptions, FromCore, ToCore } from './link/core-messages.ts';
import { widenFlowWindows } from './transport/flow-windows.ts';
import { OpenSockets } from './transport/open-sockets.ts';

// The thread of the consensus core: never parses an object nor waits for the edge.
if (parentPort === null) throw new Error('the consensus core runs in a worker thread');
const port = parentPort;
const tell = (message: FromCore, transfer: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, [...transfer]);

keepCompiledCode();
const sockets = new OpenSockets();
widenFlowWindows();
let shell: ConsensusShell | undefined;
let stateOpened: (found: StateFound) => void = () => undefined;

port.on('message', (message: ToCore) => {
  if (message.kind === 'state-opened') stateOpened(message.found);
  else if (message.kind === 'stop') void stop();
  else shell?.receive(message);
});

function openState(stateFolder: string): Promise<StateFound> {
  const { promise, resolve } = Promise.withResolvers<StateFound>();
  stateOpened = resolve;
  tell({ kind: 'open-state', stateFolder });
  return promise;
}

async function stop(): Promise<void> {
  await shell?.stop();
  tell({ kind: 'stopped' });
  await end();
}

/** Timers of libraries would keep the thread for a while; without sockets it can be ended at once. */
async function end(): Promise<void> {
  await sockets.close();
  setImmediate(() => process.exit());
}

try {
  shell = await ConsensusShell.start(realWorld, workerData as CoreOptions, tell, openState);
} catch (error) {
  tell({ kind: 'refused', message: error instanceof Error ? error.message : String(error) });
  await end();
}
