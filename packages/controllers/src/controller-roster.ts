import type { Controller } from './controller.ts';
import { deploymentController } from './deployment/deployment-controller.ts';
import { endpointMirroringController } from './endpoints/endpoint-mirroring-controller.ts';
import { endpointSliceController } from './endpoints/endpoint-slice-controller.ts';
import { endpointsObjectController } from './endpoints/endpoints-controller.ts';
import { kubernetesServiceController } from './endpoints/kubernetes-service-controller.ts';
import { eventExpiryController } from './event-expiry.ts';
import { garbageCollector } from './garbage-collector/garbage-collector.ts';
import { namespaceController } from './namespace/namespace-controller.ts';
import { rootCaController, serviceAccountController } from './namespace/namespace-furniture.ts';
import { systemNamespacesController } from './namespace/system-namespaces.ts';
import { nodeLifecycleController } from './node-lifecycle/node-lifecycle-controller.ts';
import { podGarbageCollector } from './pod-garbage-collector.ts';
import { replicaSetController } from './replica-set/replica-set-controller.ts';
import type { ControllerSettings } from './settings.ts';

/** Every control loop of a cluster. Their order means nothing: they meet only in the store. */
export function allControllers(settings: ControllerSettings): readonly Controller[] {
  return [
    systemNamespacesController,
    serviceAccountController,
    rootCaController(settings),
    kubernetesServiceController(settings),
    deploymentController,
    replicaSetController(settings),
    nodeLifecycleController(settings),
    podGarbageCollector(settings),
    endpointSliceController,
    endpointsObjectController,
    endpointMirroringController,
    namespaceController(settings),
    garbageCollector(settings),
    eventExpiryController(settings),
  ];
}
