import type { Leadership, MemberAddress, Store } from '@berth/store';
import type { serverV1 } from '@berth/wire';
import type { World } from '@berth/world';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import type { AgentGateway, SessionChange } from '../gateway/agent-gateway.ts';
import type { ServerClients } from './server-clients.ts';
import type { SessionDirectory } from './session-directory.ts';

export interface SessionReporterOptions {
  readonly store: Pick<Store, 'onLeadership'>;
  readonly gateway: Pick<AgentGateway, 'sessions' | 'onSession'>;
  readonly directory: SessionDirectory;
  readonly clients: ServerClients;
  readonly world: World;
  readonly serverName: string;
}

/** A server that has nothing to report says so this often: its silence means that its agents are out of reach as well. */
const reportIntervalMs = 300;

const retryMs = 200;

type ReportStream = ClientDuplexStream<serverV1.SessionReport, serverV1.SessionReportAck>;

/** Tells whoever leads which agents are connected here: everything first, then each change at once. */
export function startSessionReporter(options: SessionReporterOptions): Disposable {
  const { directory, gateway, serverName, store } = options;
  let ending: Disposable | undefined;
  let reign = '';
  const following = store.onLeadership((leadership) => {
    // Told of the same reign again, the directory must keep what it knows: nobody would report it a second time.
    if (reignOf(leadership) === reign) return;
    reign = reignOf(leadership);
    ending?.[Symbol.dispose]();
    ending = undefined;
    directory.clear();
    if (leadership.kind === 'leader') ending = reportToSelf(directory, gateway, serverName);
    if (leadership.kind === 'follower') ending = new LeaderReport(options, leadership.leader);
  });
  return {
    [Symbol.dispose]: () => {
      following[Symbol.dispose]();
      ending?.[Symbol.dispose]();
    },
  };
}

function reignOf(leadership: Leadership): string {
  switch (leadership.kind) {
    case 'leader':
      return `leader ${leadership.fence.token}`;
    case 'follower':
      return `follower ${leadership.leader.memberId} ${leadership.leader.gatewayAddress}`;
    case 'leaderless':
      return 'leaderless';
  }
}

function reportToSelf(
  directory: SessionDirectory,
  gateway: SessionReporterOptions['gateway'],
  serverName: string,
): Disposable {
  directory.replace(serverName, gateway.sessions());
  return gateway.onSession((change) => directory.update(serverName, [change]));
}

/** The stream to one leader for as long as it reigns, opened again whenever it breaks. */
class LeaderReport implements Disposable {
  readonly #options: SessionReporterOptions;
  readonly #leader: MemberAddress;
  readonly #changes: Disposable;
  readonly #sign: Disposable;
  #stream: ReportStream | undefined;
  #retry: Disposable | undefined;
  #isClosed = false;

  constructor(options: SessionReporterOptions, leader: MemberAddress) {
    this.#options = options;
    this.#leader = leader;
    this.#changes = options.gateway.onSession((change) => this.#send(false, [change]));
    this.#sign = options.world.timers.every(reportIntervalMs, () => this.#send(false, []));
    this.#open();
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#changes[Symbol.dispose]();
    this.#sign[Symbol.dispose]();
    this.#retry?.[Symbol.dispose]();
    this.#stream?.cancel();
  }

  #open(): void {
    const { clients, gateway, world } = this.#options;
    const stream = clients.to(this.#leader.gatewayAddress).reportSessions();
    this.#stream = stream;
    stream.on('data', () => undefined);
    // A status other than OK is emitted as an error as well. `status` is what ends every call; `close` may never come.
    stream.on('error', () => undefined);
    stream.once('status', () => {
      if (this.#stream === stream) this.#stream = undefined;
      if (!this.#isClosed) this.#retry = world.timers.after(retryMs, () => this.#open());
    });
    this.#send(true, gateway.sessions());
  }

  #send(whole: boolean, sessions: readonly SessionChange[]): void {
    const { serverName } = this.#options;
    const stream = this.#stream;
    if (stream === undefined || stream.destroyed) return;
    // A leader that does not read is cut off: the next stream begins with the whole truth.
    if (stream.writableNeedDrain && sessions.length > 0) {
      stream.cancel();
      return;
    }
    if (stream.writableNeedDrain) return;
    stream.write({
      serverName,
      whole,
      sessions: sessions.map(({ nodeName, processId, connected }) => ({ nodeName, processId, connected, silentMs: 0 })),
    });
  }
}
