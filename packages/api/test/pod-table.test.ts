import { type ContainerStatus, type Pod, type PodStatus, pod, podSummary, tableRow } from '@berth/api';
import { expect, test } from 'vitest';

const nowMs = 1_700_000_000_000;
const ago = (seconds: number) => new Date(nowMs - seconds * 1000).toISOString().replace('.000', '');
const metadata = { name: 'web', namespace: 'default', creationTimestamp: ago(300) };

const running = (name: string, fields: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name,
  ready: true,
  restartCount: 0,
  image: 'i',
  imageID: '',
  state: { running: { startedAt: ago(60) } },
  ...fields,
});
const waiting = (name: string, reason: string): ContainerStatus =>
  running(name, { ready: false, state: { waiting: { reason } } });
const ended = (name: string, exitCode: number, reason?: string, signal?: number): ContainerStatus =>
  running(name, {
    ready: false,
    state: {
      terminated: {
        exitCode,
        ...(reason === undefined ? {} : { reason }),
        ...(signal === undefined ? {} : { signal }),
      },
    },
  });

interface PodCase {
  readonly title: string;
  readonly status: PodStatus;
  readonly init?: readonly string[];
  readonly sidecars?: readonly string[];
  readonly containers?: readonly string[];
  readonly deleted?: true;
  readonly shown: string;
}

test.each<PodCase>([
  { title: 'not yet seen by a node', status: { phase: 'Pending' }, shown: '0/1 Pending 0' },
  {
    title: 'gated',
    status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
    shown: '0/1 SchedulingGated 0',
  },
  {
    title: 'being created',
    status: { phase: 'Pending', containerStatuses: [waiting('a', 'ContainerCreating')] },
    shown: '0/1 ContainerCreating 0',
  },
  { title: 'running', status: { phase: 'Running', containerStatuses: [running('a')] }, shown: '1/1 Running 0' },
  {
    title: 'running, not ready',
    status: { phase: 'Running', containerStatuses: [running('a', { ready: false })] },
    shown: '0/1 Running 0',
  },
  {
    title: 'crashing',
    status: {
      phase: 'Running',
      containerStatuses: [
        {
          ...waiting('a', 'CrashLoopBackOff'),
          restartCount: 3,
          lastState: { terminated: { exitCode: 1, finishedAt: ago(300) } },
        },
      ],
    },
    shown: '0/1 CrashLoopBackOff 3 (5m ago)',
  },
  {
    title: 'the last of several restarts counts',
    containers: ['a', 'b'],
    status: {
      phase: 'Running',
      containerStatuses: [
        running('a', { restartCount: 1, lastState: { terminated: { exitCode: 1, finishedAt: ago(7200) } } }),
        running('b', { restartCount: 2, lastState: { terminated: { exitCode: 1, finishedAt: ago(30) } } }),
      ],
    },
    shown: '2/2 Running 3 (30s ago)',
  },
  {
    title: 'completed',
    status: { phase: 'Succeeded', containerStatuses: [ended('a', 0, 'Completed')] },
    shown: '0/1 Completed 0',
  },
  { title: 'failed', status: { phase: 'Failed', containerStatuses: [ended('a', 1, 'Error')] }, shown: '0/1 Error 0' },
  {
    title: 'killed for memory',
    status: { phase: 'Failed', containerStatuses: [ended('a', 137, 'OOMKilled')] },
    shown: '0/1 OOMKilled 0',
  },
  {
    title: 'ended without a reason',
    status: { phase: 'Failed', containerStatuses: [ended('a', 3)] },
    shown: '0/1 ExitCode:3 0',
  },
  {
    title: 'ended by a signal',
    status: { phase: 'Failed', containerStatuses: [ended('a', 137, undefined, 9)] },
    shown: '0/1 Signal:9 0',
  },
  {
    title: 'one completed, one running and ready',
    containers: ['a', 'b'],
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [ended('a', 0, 'Completed'), running('b')],
    },
    shown: '1/2 Running 0',
  },
  {
    title: 'one completed, one running, the pod not ready',
    containers: ['a', 'b'],
    status: { phase: 'Running', containerStatuses: [ended('a', 0, 'Completed'), running('b')] },
    shown: '1/2 NotReady 0',
  },
  {
    title: 'the first of several troubled containers is shown',
    containers: ['a', 'b'],
    status: { phase: 'Pending', containerStatuses: [waiting('a', 'ErrImagePull'), waiting('b', 'CrashLoopBackOff')] },
    shown: '0/2 ErrImagePull 0',
  },
  {
    title: 'initializing, the first one runs',
    init: ['i', 'j'],
    status: {
      phase: 'Pending',
      initContainerStatuses: [running('i', { ready: false }), waiting('j', 'PodInitializing')],
      containerStatuses: [waiting('a', 'PodInitializing')],
    },
    shown: '0/1 Init:0/2 0',
  },
  {
    title: 'initializing, the second one waits',
    init: ['i', 'j'],
    status: { phase: 'Pending', initContainerStatuses: [ended('i', 0, 'Completed'), waiting('j', 'PodInitializing')] },
    shown: '0/1 Init:1/2 0',
  },
  {
    title: 'initialized',
    init: ['i'],
    status: {
      phase: 'Pending',
      initContainerStatuses: [ended('i', 0, 'Completed')],
      containerStatuses: [waiting('a', 'PodInitializing')],
    },
    shown: '0/1 PodInitializing 0',
  },
  {
    title: 'failing to initialize',
    init: ['i'],
    status: { phase: 'Pending', initContainerStatuses: [ended('i', 1, 'Error')] },
    shown: '0/1 Init:Error 0',
  },
  {
    title: 'failing to initialize without a reason',
    init: ['i'],
    status: { phase: 'Pending', initContainerStatuses: [ended('i', 2)] },
    shown: '0/1 Init:ExitCode:2 0',
  },
  {
    title: 'failing to initialize again and again',
    init: ['i'],
    status: { phase: 'Pending', initContainerStatuses: [{ ...waiting('i', 'CrashLoopBackOff'), restartCount: 4 }] },
    shown: '0/1 Init:CrashLoopBackOff 4',
  },
  {
    title: 'with a sidecar',
    sidecars: ['proxy'],
    status: {
      phase: 'Running',
      initContainerStatuses: [running('proxy', { started: true, restartCount: 1 })],
      containerStatuses: [running('a')],
    },
    shown: '2/2 Running 1',
  },
  {
    title: 'with a sidecar that has not started',
    sidecars: ['proxy'],
    status: {
      phase: 'Pending',
      initContainerStatuses: [running('proxy', { ready: false, started: false })],
      containerStatuses: [waiting('a', 'PodInitializing')],
    },
    shown: '0/2 Init:0/1 0',
  },
  {
    title: 'being deleted',
    deleted: true,
    status: { phase: 'Running', containerStatuses: [running('a')] },
    shown: '1/1 Terminating 0',
  },
  {
    title: 'deleted after its end',
    deleted: true,
    status: { phase: 'Succeeded', containerStatuses: [ended('a', 0, 'Completed')] },
    shown: '0/1 Completed 0',
  },
  {
    title: 'on a lost node',
    status: { phase: 'Running', reason: 'NodeLost', containerStatuses: [running('a')] },
    shown: '1/1 Unknown 0',
  },
  {
    title: 'deleted on a lost node',
    deleted: true,
    status: { phase: 'Running', reason: 'NodeLost', containerStatuses: [running('a')] },
    shown: '1/1 Unknown 0',
  },
  { title: 'evicted', status: { phase: 'Failed', reason: 'Evicted' }, shown: '0/1 Evicted 0' },
])(
  'a pod that is $title is printed as $shown',
  ({ status, init = [], sidecars = [], containers = ['a'], deleted, shown }) => {
    const object: Pod = {
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: { ...metadata, ...(deleted === undefined ? {} : { deletionTimestamp: ago(1) }) },
      spec: {
        initContainers: [
          ...init.map((name) => ({ name })),
          ...sidecars.map((name) => ({ name, restartPolicy: 'Always' })),
        ],
        containers: containers.map((name) => ({ name })),
      },
      status,
    };
    const [, ready, word, restarts] = tableRow(pod, object, nowMs, 'None').cells;
    expect(`${ready} ${word} ${restarts}`).toBe(shown);
    expect(podSummary(object).status).toBe(word);
  },
);
