import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { EngineEvent, EngineWatcher } from './engine.ts';
import { jsonLines } from './json-lines.ts';

export interface DockerWatchRange {
  /** `key=value` each. */
  readonly labels: readonly string[];
  /** Docker answers before it listens; asking for the last second closes that gap. Events may thus come twice. */
  readonly sinceSeconds: number;
}

interface DockerEvent {
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly timeNano: number;
}

const kinds: Readonly<Record<string, EngineEvent['kind']>> = { start: 'started', die: 'died', destroy: 'removed' };

/** Resolves when the stream ends; the caller opens the next one. */
export async function watchDocker(
  docker: Docker,
  range: DockerWatchRange,
  watcher: EngineWatcher,
  signal: AbortSignal,
): Promise<void> {
  const stream = (await docker.getEvents({
    since: range.sinceSeconds,
    filters: { type: ['container'], event: Object.keys(kinds), label: [...range.labels] },
  })) as Readable;
  const stop = () => stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  watcher.opened();
  try {
    for await (const line of jsonLines(stream)) watcher.event(engineEvent(line as DockerEvent));
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    stream.destroy();
  }
}

function engineEvent(event: DockerEvent): EngineEvent {
  const { exitCode, ...labels } = event.Actor.Attributes;
  return {
    kind: kinds[event.Action] ?? 'died',
    containerId: event.Actor.ID,
    labels,
    ...(exitCode === undefined ? {} : { exitCode: Number(exitCode) }),
    atMs: event.timeNano / 1e6,
  };
}
