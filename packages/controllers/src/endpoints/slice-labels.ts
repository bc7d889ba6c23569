import type { ObjectMeta } from '@berth/api';

export const serviceNameLabel = 'kubernetes.io/service-name';
export const headlessLabel = 'service.kubernetes.io/headless';
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';

export const sliceController = 'endpointslice-controller.k8s.io';
export const mirroringController = 'endpointslicemirroring-controller.k8s.io';

export function managerOf({ metadata }: { readonly metadata: ObjectMeta }): string | undefined {
  return metadata.labels?.[managedByLabel];
}

export function serviceOf({ metadata }: { readonly metadata: ObjectMeta }): string | undefined {
  return metadata.labels?.[serviceNameLabel];
}
