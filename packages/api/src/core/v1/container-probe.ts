import { required } from '../../schema/field.ts';
import { embedded, int32, int64, intOrString, list, nested, text, texts } from '../../schema/field-builder.ts';
import { atomicList } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { checkProbe } from './probe-validation.ts';

export interface ExecAction {
  readonly command?: readonly string[];
}

export const execAction: Message<ExecAction> = message({
  name: 'core.v1.ExecAction',
  description: 'A command run inside the container; exit code 0 is success.',
  fields: {
    command: texts(1, 'Program and arguments; no shell is involved unless named here.', atomicList),
  },
});

export interface HTTPHeader {
  readonly name: string;
  readonly value: string;
}

const httpHeader: Message<HTTPHeader> = message({
  name: 'core.v1.HTTPHeader',
  description: 'One header of a request.',
  fields: {
    name: required(text(1, "The header's name.")),
    value: required(text(2, "The header's value.", { mayBeEmpty: true })),
  },
});

export interface HTTPGetAction {
  readonly path?: string;
  readonly port: number | string;
  readonly host?: string;
  readonly scheme?: string;
  readonly httpHeaders?: readonly HTTPHeader[];
}

export const httpGetAction: Message<HTTPGetAction> = message({
  name: 'core.v1.HTTPGetAction',
  description: 'An HTTP GET; a code from 200 to 399 is success.',
  fields: {
    path: text(1, 'Path of the request.', { default: '/' }),
    port: required(intOrString(2, "Number or name of the container's port.")),
    host: text(3, "Where to connect to instead of the pod's address."),
    scheme: text(4, 'Plain or over TLS (certificates are not verified).', {
      default: 'HTTP',
      values: ['HTTP', 'HTTPS'],
    }),
    httpHeaders: list(5, 'Headers to send.', httpHeader, atomicList),
  },
});

export interface TCPSocketAction {
  readonly port: number | string;
  readonly host?: string;
}

export const tcpSocketAction: Message<TCPSocketAction> = message({
  name: 'core.v1.TCPSocketAction',
  description: 'A TCP connection; its opening is success.',
  fields: {
    port: required(intOrString(1, "Number or name of the container's port.")),
    host: text(2, "Where to connect to instead of the pod's address."),
  },
});

export interface GRPCAction {
  readonly port: number;
  readonly service?: string;
}

const grpcAction: Message<GRPCAction> = message({
  name: 'core.v1.GRPCAction',
  description: 'A call of the gRPC health service.',
  fields: {
    port: required(int32(1, 'The port.', { min: 1, max: 65535 })),
    service: text(2, 'The service asked for; empty means the server as a whole.', { keepZero: true, default: '' }),
  },
});

export interface ProbeHandler {
  readonly exec?: ExecAction;
  readonly httpGet?: HTTPGetAction;
  readonly tcpSocket?: TCPSocketAction;
  readonly grpc?: GRPCAction;
}

const probeHandler: Message<ProbeHandler> = message({
  name: 'core.v1.ProbeHandler',
  description: 'What a probe does; exactly one must be set.',
  fields: {
    exec: nested(1, 'Run a command.', execAction),
    httpGet: nested(2, 'Ask over HTTP.', httpGetAction),
    tcpSocket: nested(3, 'Open a connection.', tcpSocketAction),
    grpc: nested(4, 'Ask over gRPC.', grpcAction),
  },
});

export interface Probe extends ProbeHandler {
  readonly initialDelaySeconds?: number;
  readonly timeoutSeconds?: number;
  readonly periodSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
  readonly terminationGracePeriodSeconds?: number;
}

export const probe: Message<Probe> = message({
  name: 'core.v1.Probe',
  description: 'A check that the node repeats while a container runs.',
  fields: {
    ...embedded(1, probeHandler),
    initialDelaySeconds: int32(2, "Time after the container's start before the first check.", { min: 0 }),
    timeoutSeconds: int32(3, 'After this time a check counts as failed.', { default: 1, min: 0 }),
    periodSeconds: int32(4, 'Time between checks.', { default: 10, min: 0 }),
    successThreshold: int32(
      5,
      'Successes in a row before the probe counts as good again; 1 for liveness and startup.',
      { default: 1, min: 0 },
    ),
    failureThreshold: int32(6, 'Failures in a row before the probe counts as failed.', { default: 3, min: 0 }),
    terminationGracePeriodSeconds: int64(7, "Grace for a container that this probe ends; otherwise the pod's.", {
      keepZero: true,
    }),
  },
  check: checkProbe,
});
