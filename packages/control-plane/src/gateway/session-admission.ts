import type { Node } from '@berth/api';
import type { agentV1 } from '@berth/wire';
import type { World } from '@berth/world';
import { status } from '@grpc/grpc-js';
import type { NameClaims } from '../security/name-claims.ts';
import { parseNode } from './agent-message.ts';
import type { SessionCall } from './agent-session.ts';
import { callerOf } from './rpc-caller.ts';

export interface Refused {
  readonly kind: 'refused';
  readonly code: status;
  readonly message: string;
}

export interface Admitted {
  readonly kind: 'admitted';
  readonly nodeName: string;
  readonly hello: agentV1.Hello;
  readonly node: Node;
}

export interface AdmissionOptions {
  readonly cache: { readonly synced: boolean };
  readonly claims: Pick<NameClaims, 'holds'>;
  readonly world: World;
  readonly helloMs: number;
}

const protocolVersion = 1;

/** Who calls, by its certificate alone, and whether it may. The stream is paused afterwards: nothing is lost until somebody listens. */
export async function admitAgent(call: SessionCall, options: AdmissionOptions): Promise<Admitted | Refused> {
  const caller = callerOf(call);
  if (caller?.identity.kind !== 'node')
    return refused(status.PERMISSION_DENIED, 'a session needs the certificate of a node');
  const nodeName = caller.identity.name;
  const first = await firstMessage(call, options);
  if (first?.$case !== 'hello') return refused(status.INVALID_ARGUMENT, 'the first message must be hello');
  const hello = first.value;
  if (hello.nodeName !== nodeName)
    return refused(
      status.PERMISSION_DENIED,
      `the certificate is of node ${nodeName}, the hello says ${hello.nodeName}`,
    );
  if (hello.protocolVersion !== protocolVersion)
    return refused(
      status.FAILED_PRECONDITION,
      `this server speaks version ${protocolVersion} of the agent protocol, the agent ${hello.protocolVersion}`,
    );
  const node = parseNode(hello.node);
  if (node === undefined) return refused(status.INVALID_ARGUMENT, 'hello.node must be a core/v1 Node as JSON');
  if (!options.cache.synced) return refused(status.UNAVAILABLE, 'this server is still reading its state');
  if (!(await options.claims.holds('node', nodeName, caller.publicKeyHash)))
    return refused(status.PERMISSION_DENIED, `the name ${nodeName} belongs to another machine now: join again`);
  return { kind: 'admitted', nodeName, hello, node };
}

function firstMessage(
  call: SessionCall,
  { world, helloMs }: AdmissionOptions,
): Promise<agentV1.AgentMessage['message']> {
  const { promise, resolve } = Promise.withResolvers<agentV1.AgentMessage['message']>();
  const timeout = world.timers.after(helloMs, () => resolve(undefined));
  call.once('data', ({ message }: agentV1.AgentMessage) => {
    call.pause();
    resolve(message);
  });
  call.once('close', () => resolve(undefined));
  return promise.finally(() => timeout[Symbol.dispose]());
}

function refused(code: status, message: string): Refused {
  return { kind: 'refused', code, message };
}
