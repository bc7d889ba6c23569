import { readFileSync } from 'node:fs';
import { keepCompiledCode } from '@berth/world';
import { JoinError } from './security/join-client.ts';
import { type Server, startServer } from './server.ts';
import { parseServerOptions, type ServerOptions, serverUsage, UsageError } from './server-options.ts';

/** After a second signal, or so long after the first, the process ends without ceremony. */
const stopLimitMs = 15_000;

/**
 * A server as a process: runs until SIGTERM or SIGINT. Sets the exit code: 0 after an orderly end, 1 when it could not start, 2 for a
 * mistake on the command line. SIGKILL at any moment loses nothing that was acknowledged.
 */
export async function runServer(argv: readonly string[]): Promise<void> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(serverUsage());
    return;
  }
  try {
    await serveUntilStopped(parseServerOptions(argv, { readFile: (path) => readFileSync(path, 'utf8') }));
  } catch (error) {
    process.stderr.write(`berth server: ${sentence(error)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

async function serveUntilStopped(options: ServerOptions): Promise<void> {
  const stopping = stopSignal();
  // A server that still waits for somebody to let it join has nothing to put in order.
  const server = await Promise.race([startServer(options), stopping.then(() => process.exit(0))]);
  void announce(server);
  keepCompiledCode();
  await stopping;
  const limit = setTimeout(() => process.exit(1), stopLimitMs);
  process.once('SIGTERM', () => process.exit(1)).once('SIGINT', () => process.exit(1));
  await server[Symbol.asyncDispose]();
  clearTimeout(limit);
}

/** One line for people and scripts that wait for it; none if the server is stopped before it was ready. */
async function announce(server: Server): Promise<void> {
  await server.ready().then(
    () =>
      process.stdout.write(
        `berth server ${server.name} is ready: ${server.url}, kubeconfig ${server.kubeconfigPath}\n`,
      ),
    () => undefined,
  );
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
}

/** What an operator can act on stands alone; a fault of the program comes with its trace. */
function sentence(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}\nberth server --help lists all flags`;
  if (error instanceof JoinError) return `cannot join: ${error.message}`;
  const isFault = [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind);
  if (error instanceof Error) return `cannot start: ${isFault ? error.stack : error.message}`;
  return `cannot start: ${String(error)}`;
}
