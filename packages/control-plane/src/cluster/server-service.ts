import type { Store } from '@berth/store';
import type { serverV1 } from '@berth/wire';
import type { World } from '@berth/world';
import { type ServerDuplexStream, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import type { AgentGateway } from '../gateway/agent-gateway.ts';
import { callerOf, endWithStatus } from '../gateway/rpc-caller.ts';
import type { SessionDirectory } from './session-directory.ts';
import { serveRelay } from './tunnel-relay.ts';

export interface ServerServiceOptions {
  readonly store: Pick<Store, 'onLeadership'>;
  readonly gateway: Pick<AgentGateway, 'hasSession' | 'openTunnel'>;
  readonly directory: SessionDirectory;
  readonly world: World;
}

type ReportCall = ServerDuplexStream<serverV1.SessionReport, serverV1.SessionReportAck>;
type RelayCall = ServerDuplexStream<serverV1.RelayFrame, serverV1.RelayFrame>;

const tickMs = 200;
/** Ticks, not time: after a stall of this server the missed ones do not count (see AgentSession.tick). */
const silentTicksMax = 5;

/** What servers ask of each other, outside the log. */
export class ServerService implements Disposable {
  readonly #options: ServerServiceOptions;
  readonly #reports = new Map<string, Report>();
  readonly #following: Disposable;
  readonly #ticking: Disposable;
  #isLeader = false;

  constructor(options: ServerServiceOptions) {
    this.#options = options;
    this.#following = options.store.onLeadership((leadership) => {
      this.#isLeader = leadership.kind === 'leader';
      if (!this.#isLeader) this.#dismiss();
    });
    this.#ticking = options.world.timers.every(tickMs, () => {
      for (const report of [...this.#reports.values()]) if (++report.silentTicks > silentTicksMax) report.end();
    });
  }

  [Symbol.dispose](): void {
    this.#following[Symbol.dispose]();
    this.#ticking[Symbol.dispose]();
    this.#dismiss();
  }

  /** The gRPC handler `ReportSessions`. */
  readonly reportSessions = (call: ReportCall): void => {
    call.on('error', () => undefined);
    const serverName = serverNameOf(call);
    if (serverName === undefined) {
      endWithStatus(call, status.PERMISSION_DENIED, 'for servers only');
      return;
    }
    if (!this.#isLeader) {
      endWithStatus(call, status.FAILED_PRECONDITION, 'this server does not lead');
      return;
    }
    const { directory } = this.#options;
    const report: Report = {
      silentTicks: 0,
      end: () => endWithStatus(call, status.ABORTED, 'the report has ended'),
    };
    const replaced = this.#reports.get(serverName);
    this.#reports.set(serverName, report);
    replaced?.end();
    const lost = (): void => {
      if (this.#reports.get(serverName) !== report) return;
      this.#reports.delete(serverName);
      directory.lose(serverName);
    };
    call.on('data', ({ whole, sessions }: serverV1.SessionReport) => {
      if (this.#reports.get(serverName) !== report) return;
      report.silentTicks = 0;
      if (whole) directory.replace(serverName, sessions);
      else directory.update(serverName, sessions);
      call.write({});
    });
    call.once('end', () => call.end());
    call.once('error', lost);
    call.once('close', lost);
  };

  /** The gRPC handler `LocateNode`. */
  readonly locateNode = (
    call: ServerUnaryCall<serverV1.LocateNodeRequest, serverV1.LocateNodeResponse>,
    answer: sendUnaryData<serverV1.LocateNodeResponse>,
  ): void => {
    if (serverNameOf(call) === undefined) answer({ code: status.PERMISSION_DENIED, details: 'for servers only' });
    else answer(null, { found: this.#options.gateway.hasSession(call.request.nodeName) });
  };

  /** The gRPC handler `RelayTunnel`. */
  readonly relayTunnel = (call: RelayCall): void => {
    call.on('error', () => undefined);
    if (serverNameOf(call) === undefined) endWithStatus(call, status.PERMISSION_DENIED, 'for servers only');
    else serveRelay(call, this.#options.gateway, this.#options.world);
  };

  #dismiss(): void {
    const reports = [...this.#reports.values()];
    this.#reports.clear();
    for (const report of reports) report.end();
  }
}

interface Report {
  silentTicks: number;
  end(): void;
}

function serverNameOf<In, Out>(call: ServerDuplexStream<In, Out> | ServerUnaryCall<In, Out>): string | undefined {
  const identity = callerOf(call)?.identity;
  return identity?.kind === 'server' ? identity.name : undefined;
}
