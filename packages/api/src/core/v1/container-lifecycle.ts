import { required } from '../../schema/field.ts';
import { int64, nested, text } from '../../schema/field-builder.ts';
import { type Message, message } from '../../schema/message.ts';
import { signalName } from '../../schema/text-formats.ts';
import {
  type ExecAction,
  execAction,
  type HTTPGetAction,
  httpGetAction,
  type TCPSocketAction,
  tcpSocketAction,
} from './container-probe.ts';
import { checkLifecycle } from './probe-validation.ts';

export interface SleepAction {
  readonly seconds: number;
}

const sleepAction: Message<SleepAction> = message({
  name: 'core.v1.SleepAction',
  description: 'A pause.',
  fields: {
    seconds: required(int64(1, 'How long, at most the grace period of the pod.')),
  },
});

export interface LifecycleHandler {
  readonly exec?: ExecAction;
  readonly httpGet?: HTTPGetAction;
  readonly tcpSocket?: TCPSocketAction;
  readonly sleep?: SleepAction;
}

const lifecycleHandler: Message<LifecycleHandler> = message({
  name: 'core.v1.LifecycleHandler',
  description: 'What a hook does; exactly one must be set.',
  fields: {
    exec: nested(1, 'Run a command in the container.', execAction),
    httpGet: nested(2, 'Ask over HTTP.', httpGetAction),
    tcpSocket: nested(3, 'Open a connection.', tcpSocketAction),
    sleep: nested(4, 'Wait.', sleepAction),
  },
});

export interface Lifecycle {
  readonly postStart?: LifecycleHandler;
  readonly preStop?: LifecycleHandler;
  readonly stopSignal?: string;
}

export const lifecycle: Message<Lifecycle> = message({
  name: 'core.v1.Lifecycle',
  description: "What is done right after a container's start and right before its end.",
  fields: {
    postStart: nested(
      1,
      "Runs after the start, next to the container's program; when it fails the container is ended.",
      lifecycleHandler,
    ),
    preStop: nested(2, 'Runs before the stop signal; its time counts into the grace period.', lifecycleHandler),
    stopSignal: text(3, 'The signal that ends the container.', {
      keepZero: true,
      format: signalName,
    }),
  },
  check: checkLifecycle,
});
