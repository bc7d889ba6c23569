import type { Pod } from '@berth/api';
import { devicesAnnotation, standardDeviceResources } from '../device/devices.ts';
import type { ResourceTable } from '../node/resource-table.ts';
import { type HostPort, hostPorts } from '../pod/host-port.ts';
import { type PodRequests, podRequests } from '../pod/pod-requests.ts';

/** What a pod takes of the node that it is bound to. */
export interface PodFootprint {
  readonly requests: PodRequests;
  readonly ports: readonly HostPort[];
  /** What its annotation says of its devices. */
  readonly deviceNote: string | undefined;
  /** Whether it has ended, and takes nothing any more. */
  readonly isOver: boolean;
}

export function podFootprint({ metadata, spec, status }: Pod, resources: ResourceTable): PodFootprint {
  return {
    requests: podRequests(spec, resources, standardDeviceResources),
    ports: hostPorts(spec),
    deviceNote: metadata.annotations?.[devicesAnnotation],
    isOver: status?.phase === 'Succeeded' || status?.phase === 'Failed',
  };
}
