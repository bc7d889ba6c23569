import type { Pod, Stored } from '@berth/api';
import { type ControllerSettings, defaultTimings } from '@berth/controllers';
import type { Fence } from '@berth/store';
import { apiServerAddresses } from '../cluster/server-list.ts';
import type { EventReport } from '../loops/event-recorder.ts';
import { duringReigns } from '../loops/leader-reigns.ts';
import { startControllers } from '../loops/start-controllers.ts';
import type { ObjectEngine } from '../registry/object-engine.ts';
import { type SchedulingEvent, startScheduling } from '../scheduling/scheduling-loop.ts';
import { kubernetesServiceIp } from './cluster-admission.ts';
import type { ServerGround } from './server-ground.ts';
import type { ServerNodes } from './server-nodes.ts';
import type { ServerState } from './server-state.ts';

/** What only the leader does: controllers and scheduler, every write of theirs fenced by its reign. */
export function startLeaderLoops(ground: ServerGround, state: ServerState, nodes: ServerNodes): AsyncDisposable {
  const { log, loopMetrics, metrics, options, world } = ground;
  const { schedulers } = options;
  const { cache, events, registry, self, store } = state;
  const apiServers = apiServerAddresses(store, self);
  const settings = controllerSettings(ground, registry);
  return duringReigns(store, (fence: Fence) => {
    const loops = new AsyncDisposableStack();
    const common = { registry, cache, fence, world, log };
    const recordEvent = events.record;
    loops.use(
      startControllers({
        ...common,
        metrics: loopMetrics,
        recordEvent,
        sessions: nodes.directory,
        apiServers,
        settings,
      }),
    );
    loops.use(
      startScheduling({
        ...common,
        metrics,
        schedulers,
        recordEvent: (event) => recordEvent(schedulingReport(event)),
      }),
    );
    return loops;
  });
}

function schedulingReport({ about, message, reason, type }: SchedulingEvent): EventReport {
  const { name, namespace, resourceVersion, uid } = about.metadata as Stored<Pod>['metadata'];
  return {
    about: {
      kind: 'Pod',
      apiVersion: 'v1',
      name,
      uid,
      resourceVersion,
      ...(namespace === undefined ? {} : { namespace }),
    },
    type,
    reason,
    message,
    component: about.spec.schedulerName ?? 'default-scheduler',
  };
}

function controllerSettings({ home, options }: ServerGround, registry: ObjectEngine): ControllerSettings {
  return {
    ...defaultTimings,
    ...options.timings,
    rootCaPem: home.authority.certificate,
    kubernetesServiceIp: kubernetesServiceIp(home.settings),
    kinds: registry.kinds.all.map(({ resource, apiVersion, kind, namespaced }) => ({
      resource,
      apiVersion,
      kind,
      namespaced,
    })),
  };
}
