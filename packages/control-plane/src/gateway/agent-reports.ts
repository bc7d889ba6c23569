import type { Node } from '@berth/api';
import type { agentV1 } from '@berth/wire';
import type { World } from '@berth/world';
import type { Logger } from 'pino';
import type { RecordEvent } from '../loops/event-recorder.ts';
import type { ObjectCache } from '../registry/object-cache.ts';
import type { Registry, WriteContext } from '../registry/registry.ts';
import { groups } from '../security/identity.ts';
import { parseNodeStatus, parsePodStatus } from './agent-message.ts';
import type { AgentSession, SessionCall } from './agent-session.ts';
import { NodeRegistration } from './node-registration.ts';
import type { PodStatusWriter, Reporter } from './pod-status-writer.ts';

export interface AgentReportsOptions {
  readonly cache: ObjectCache;
  readonly registry: Registry;
  readonly world: World;
  readonly log: Logger;
  readonly writer: PodStatusWriter;
  readonly recordEvent: RecordEvent;
}

/** Takes in what agents say in their sessions. Whatever is said counts for the node of the session's certificate only. */
export class AgentReports {
  readonly #options: AgentReportsOptions;
  readonly #registrations = new WeakMap<AgentSession, NodeRegistration>();

  constructor(options: AgentReportsOptions) {
    this.#options = options;
  }

  /** Reads the stream until the session ends. */
  follow(call: SessionCall, session: AgentSession, node: Node): void {
    const { cache, log, registry, world } = this.#options;
    const { nodeName } = session;
    const context: WriteContext = {
      requester: { user: `system:node:${nodeName}`, groups: [groups.nodes, groups.authenticated] },
      cause: `node:${nodeName}`,
    };
    const signal = session.ended;
    const registration = new NodeRegistration({ registry, cache, world, log, nodeName, context, node, signal });
    this.#registrations.set(session, registration);
    const reporter: Reporter = { nodeName, context, signal };
    call.on('data', ({ message }: agentV1.AgentMessage) => {
      if (signal.aborted) return;
      session.heard();
      if (message !== undefined) this.#take(message, session, registration, reporter);
    });
    // The agent has closed its direction: it goes.
    call.once('end', () => call.end());
    call.resume();
  }

  /** The Node object was changed by somebody: what the agent says of it may have to be said again. */
  nodeChanged(session: AgentSession): void {
    this.#registrations.get(session)?.wake();
  }

  #take(
    message: NonNullable<agentV1.AgentMessage['message']>,
    session: AgentSession,
    registration: NodeRegistration,
    reporter: Reporter,
  ): void {
    switch (message.$case) {
      case 'heartbeat':
        session.send({ $case: 'heartbeatAck', value: { sequence: message.value.sequence } });
        return;
      case 'nodeStatus': {
        const status = parseNodeStatus(message.value.status);
        if (status !== undefined) registration.update(status);
        return;
      }
      case 'podStatus':
        this.#takePodStatus(message.value, reporter);
        return;
      case 'event':
        this.#takeEvent(message.value, session.nodeName);
        return;
      case 'networkApplied':
        session.appliedNetworkVersion = message.value.version;
        return;
      case 'hello':
        // Only the first message may be one; a second says nothing new.
        return;
      default:
        unreachable(message);
    }
  }

  #takePodStatus({ namespace, name, uid, status: bytes, gone }: agentV1.PodStatus, reporter: Reporter): void {
    const status = bytes.length === 0 ? undefined : parsePodStatus(bytes);
    if (status === undefined && !gone) return;
    this.#options.writer.report(reporter, { namespace, name, uid, status, gone });
  }

  #takeEvent(event: agentV1.AgentEvent, nodeName: string): void {
    const { cache, recordEvent } = this.#options;
    const type = event.type === 'Warning' ? 'Warning' : 'Normal';
    const details = {
      type,
      reason: event.reason,
      message: event.message,
      component: 'berth-agent',
      host: nodeName,
    } as const;
    if (event.podName === '') {
      const uid = cache.get('nodes', nodeName)?.metadata.uid ?? nodeName;
      recordEvent({ ...details, about: { kind: 'Node', apiVersion: 'v1', name: nodeName, uid } });
      return;
    }
    const pod = cache.podsOn(nodeName).find(({ metadata }) => metadata.uid === event.podUid);
    if (pod === undefined) return;
    const { name, namespace, resourceVersion, uid } = pod.metadata;
    const about = { kind: 'Pod', apiVersion: 'v1', name, uid, resourceVersion };
    recordEvent({
      ...details,
      about: {
        ...about,
        ...(namespace === undefined ? {} : { namespace }),
        ...(event.fieldPath === '' ? {} : { fieldPath: event.fieldPath }),
      },
    });
  }
}

function unreachable(message: never): never {
  throw new TypeError(`unknown message of an agent: ${JSON.stringify(message)}`);
}
