import { required } from '../../schema/field.ts';
import { list, quantityMap, text } from '../../schema/field-builder.ts';
import { notServed } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { checkResources, roundResources } from './resource-validation.ts';

export interface ResourceClaim {
  readonly name: string;
  readonly request?: string;
}

const resourceClaim: Message<ResourceClaim> = message({
  name: 'core.v1.ResourceClaim',
  description: 'A claim of the pod that a container uses.',
  fields: {
    name: required(text(1, "Name of an entry of the pod's resourceClaims.")),
    request: text(2, 'The request within the claim; empty means all.'),
  },
});

export interface ResourceRequirements {
  readonly limits?: Readonly<Record<string, string>>;
  readonly requests?: Readonly<Record<string, string>>;
  readonly claims?: readonly ResourceClaim[];
}

export const resourceRequirements: Message<ResourceRequirements> = message({
  name: 'core.v1.ResourceRequirements',
  description: 'What a container needs and what it may use at most.',
  fields: {
    limits: quantityMap(1, 'The most a container may use, by resource, e.g. cpu: 500m, memory: 256Mi.'),
    requests: quantityMap(2, 'What is set aside for the container on its node; where absent, the limit counts.'),
    claims: list(3, 'Devices claimed for the container.', resourceClaim, {
      listType: 'map',
      mapKeys: ['name'],
      refused: notServed('resource claims'),
    }),
  },
  fill: roundResources,
  check: checkResources,
});

export interface ContainerResizePolicy {
  readonly resourceName: string;
  readonly restartPolicy: string;
}

export const containerResizePolicy: Message<ContainerResizePolicy> = message({
  name: 'core.v1.ContainerResizePolicy',
  description: 'What a change of a resource in place means for the container.',
  fields: {
    resourceName: required(text(1, 'The resource: cpu or memory.')),
    restartPolicy: required(
      text(2, 'Whether the container is restarted.', { values: ['NotRequired', 'RestartContainer'] }),
    ),
  },
});
