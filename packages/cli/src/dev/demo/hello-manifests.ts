/** Name and tag of the image that the demo builds from files of this machine. */
export const helloImage = 'berth.dev/hello:1';
export const helloNodePort = 30_080;

const labels = { app: 'hello' };

/** The demo application as a user would write it. */
export const helloManifests: readonly { readonly path: string; readonly object: unknown }[] = [
  {
    path: '/apis/apps/v1/namespaces/default/deployments',
    object: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'hello', labels },
      spec: {
        replicas: 4,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: [
              {
                name: 'web',
                image: helloImage,
                imagePullPolicy: 'Never',
                ports: [{ name: 'http', containerPort: 8080 }],
                env: ['POD_NAME:metadata.name', 'NODE_NAME:spec.nodeName', 'POD_IP:status.podIP'].map((pair) => {
                  const [name, fieldPath] = pair.split(':');
                  return { name, valueFrom: { fieldRef: { fieldPath } } };
                }),
                readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 1 },
                resources: { requests: { cpu: '20m', memory: '48Mi' }, limits: { memory: '256Mi' } },
              },
            ],
          },
        },
      },
    },
  },
  {
    path: '/api/v1/namespaces/default/services',
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'hello', labels },
      spec: {
        type: 'NodePort',
        selector: labels,
        ports: [{ name: 'http', port: 80, targetPort: 'http', nodePort: helloNodePort }],
      },
    },
  },
];
