import type { Container, PodSpec } from '@berth/api';
import { image } from './test-image.ts';

const webPort = 8080;

/** A container that serves the test image's page; Ready as soon as it answers. */
function webContainer(changes: Partial<Container> = {}): Container {
  return {
    name: 'web',
    image,
    imagePullPolicy: 'Never',
    ports: [{ name: 'http', containerPort: webPort }],
    readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 1 },
    resources: { requests: { cpu: '10m', memory: '8Mi' } },
    ...changes,
  };
}

export interface WebDeployment {
  readonly name: string;
  readonly replicas: number;
  readonly image?: string;
  readonly spec?: Partial<PodSpec>;
}

/** A Deployment of web containers with the label `app`. */
export function webDeployment({ name, replicas, image: wanted = image, spec = {} }: WebDeployment): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { terminationGracePeriodSeconds: 5, ...spec, containers: [webContainer({ image: wanted })] },
      },
    },
  };
}

/** A Pod with one container, which keeps the kubelet's defaults but for the image policy. */
export function singlePod(name: string, container: Partial<Container>, spec: Partial<PodSpec> = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: {
      terminationGracePeriodSeconds: 2,
      ...spec,
      containers: [{ name: 'main', image, imagePullPolicy: 'Never', ...container }],
    },
  };
}

/** Pods of each value of a topology key as even as they can be, but never Pending for it. */
export function spreadOver(
  topologyKey: string,
  app: string,
): NonNullable<PodSpec['topologySpreadConstraints']>[number] {
  return { topologyKey, maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: { app } } };
}
