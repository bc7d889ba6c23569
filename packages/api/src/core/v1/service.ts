import { type ApiObject, apiObjectFields } from '../../kind/api-object.ts';
import { allVerbs, type Kind, kind, statusSubresource } from '../../kind/kind.ts';
import { filled } from '../../schema/field.ts';
import { nested } from '../../schema/field-builder.ts';
import { type Message, message } from '../../schema/message.ts';
import { checkDns1035Label } from '../../text/name-format.ts';
import { serviceColumns } from './service-columns.ts';
import { checkServiceUpdate, keepAllocated, prepareService } from './service-lifecycle.ts';
import { type ServiceSpec, serviceSpec } from './service-spec.ts';
import { type ServiceStatus, serviceStatus } from './service-status.ts';

export interface Service extends ApiObject {
  readonly spec: ServiceSpec;
  readonly status?: ServiceStatus;
}

const serviceMessage: Message<Service> = message({
  name: 'core.v1.Service',
  description: 'One address and name for a set of pods.',
  fields: {
    ...apiObjectFields,
    spec: filled(nested(2, 'How the pods are reached.', serviceSpec)),
    status: nested(3, 'What became of it.', serviceStatus, { default: {} }),
  },
});

export const service: Kind<Service> = kind({
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  message: serviceMessage,
  verbs: allVerbs,
  subresources: [statusSubresource],
  nameFault: checkDns1035Label,
  prepareForCreate: prepareService,
  prepareForUpdate: keepAllocated,
  checkUpdate: checkServiceUpdate,
  columns: serviceColumns,
  selectableFields: { 'spec.clusterIP': ({ spec }) => spec.clusterIP, 'spec.type': ({ spec }) => spec.type },
});
