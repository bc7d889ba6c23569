import type Docker from 'dockerode';
import type { ContainerRecord, ContainerRunState } from './container-record.ts';

/** What `GET /containers/ID/json` says, in our words. */
export function containerRecord(inspected: Docker.ContainerInspectInfo): ContainerRecord {
  const createdAtMs = timeMs(inspected.Created) ?? 0;
  return {
    id: inspected.Id,
    name: inspected.Name.replace(/^\//, ''),
    labels: inspected.Config.Labels ?? {},
    image: inspected.Config.Image,
    imageId: inspected.Image,
    createdAtMs,
    stopSignal: (inspected.Config as { StopSignal?: string }).StopSignal || 'SIGTERM',
    state: runState(inspected.State, createdAtMs),
  };
}

function runState(state: Docker.ContainerInspectInfo['State'], createdAtMs: number): ContainerRunState {
  const startedAtMs = timeMs(state.StartedAt);
  if (state.Running || state.Paused || state.Restarting) {
    return { kind: 'running', pid: state.Pid, startedAtMs: startedAtMs ?? createdAtMs };
  }
  // Docker leaves a container whose program could not be run in `created`, with the reason beside it.
  if (state.Status === 'created' && state.Error === '') return { kind: 'created' };
  return {
    kind: 'exited',
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    finishedAtMs: timeMs(state.FinishedAt) ?? createdAtMs,
    exitCode: state.ExitCode,
    oomKilled: state.OOMKilled,
    startError: startedAtMs === undefined ? state.Error : '',
  };
}

/** Docker writes year 1 for "never". */
function timeMs(text: string): number | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) || ms < 0 ? undefined : ms;
}
