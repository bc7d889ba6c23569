import { crc32 } from 'node:zlib';
import {
  type Channel,
  type Configuration,
  channelOf,
  checkHandshake,
  decodeMessage,
  encodeInPieces,
  findMember,
  type Handshake,
  type MemberId,
  type Message,
  memberId,
} from '@berth/raft';
import { consensusV1 } from '@berth/wire';
import type { World } from '@berth/world';
import { type ClientUnaryCall, Metadata } from '@grpc/grpc-js';
import { decodeAddress } from '../member-record.ts';
import { peerChannelOptions } from './channel-options.ts';
import { OutgoingLink } from './outgoing-link.ts';
import { PatientNews } from './patient-news.ts';
import type { PeerCredentials } from './peer-credentials.ts';
import { PeerServer } from './peer-server.ts';

export interface PeerTransportOptions {
  readonly world: World;
  readonly credentials: PeerCredentials;
  /** `host:port` to listen on. */
  readonly listen: string;
  readonly self: Omit<Handshake, 'peer'>;
  /** Own member record, as in the configuration. */
  readonly address: string;
  readonly reconnectMsMax: number;
  configuration(): Configuration;
  /** Whether this id is no member any more, and never will be. */
  wasRemoved(id: MemberId): boolean;
  /** Others say so of this member. */
  expelled(reason: string): void;
  /** Of the own thread, for the others. */
  loopLagMs(): number;
  message(message: Message): void;
  peerDown(peer: MemberId): void;
  /** Which peers cannot be reached, and why, has changed. */
  reachability(unreachable: ReadonlyMap<MemberId, string>): void;
  administer(request: consensusV1.AdministerRequest): Promise<consensusV1.AdministerResponse>;
}

interface Peer {
  readonly address: string;
  readonly links: ReadonlyMap<Channel, OutgoingLink>;
}

/** Longer than a leader tries by itself. */
const administerMs = 15_000;
const MiB = 1024 * 1024;
const queuedBytesMax: Readonly<Record<Channel, number>> = { urgent: 256 * 1024, log: 16 * MiB, snapshot: 4 * MiB };

/** Carries messages between the members: three connections per peer and direction, so that bulk never delays a heartbeat. */
export class PeerTransport {
  readonly #options: PeerTransportOptions;
  readonly #server: PeerServer;
  readonly #peers = new Map<MemberId, Peer>();
  /** Where peers said they can be called back, when the configuration says otherwise, and what it said then. */
  readonly #told = new Map<MemberId, { readonly address: string; readonly recorded: string | undefined }>();
  readonly #unreachable = new Map<MemberId, string>();
  /** Known to be removed when that was last looked at. */
  #departed: ReadonlySet<MemberId> = new Set();
  readonly #loopLags = new Map<MemberId, number>();
  readonly #calls = new Set<ClientUnaryCall>();
  readonly #news: PatientNews;
  messagesIn = 0;
  messagesOut = 0;
  badMessages = 0;

  constructor(options: PeerTransportOptions) {
    this.#options = options;
    this.#news = new PatientNews(options.world, (message) => this.#sendNow(message));
    this.#server = new PeerServer(options.world, {
      refuse: (hello, name) => this.#refuse(hello, name),
      welcome: (hello) => this.#hello(memberId(hello.member)),
      messages: (hello, { messages, loopLagMs }) => {
        this.#loopLags.set(memberId(hello.member), loopLagMs);
        this.#received(hello, messages);
      },
      gone: (hello) => this.#options.peerDown(memberId(hello.member)),
      administer: (request) => this.#options.administer(request),
    });
  }

  listen(): Promise<number> {
    return this.#server.listen(this.#options.listen, this.#options.credentials);
  }

  get dropped(): number {
    let dropped = 0;
    for (const { links } of this.#peers.values()) for (const link of links.values()) dropped += link.dropped;
    return dropped;
  }

  /** Soon, or, when it `mayWait`, a little later, unless an append says the same before. */
  send(message: Message, mayWait: boolean): void {
    if (mayWait) this.#news.keep(message);
    else this.#sendNow(message);
  }

  #sendNow(message: Message): void {
    if (message.kind === 'append') this.#news.forgetIfToldBy(message);
    const link = this.#peers.get(message.to)?.links.get(channelOf(message));
    if (link === undefined) return;
    this.messagesOut += 1;
    link.send(encodeInPieces(message));
  }

  /**
   * Connects to everybody in the configuration but ourselves. Those who are no longer in it stay connected until it is final: a leader that
   * removes itself has to hear who agrees.
   */
  follow(configuration: Configuration): void {
    for (const { id, address } of configuration.members) {
      if (id === this.#options.self.member) continue;
      const told = this.#told.get(id);
      // What the cluster decided later than a peer spoke is the newer word.
      if (told !== undefined && told.recorded !== address) this.#told.delete(id);
      this.#connect(id, this.#told.get(id)?.address ?? address);
    }
    for (const id of this.#peers.keys()) {
      const known = configuration.members.some((member) => member.id === id) || this.#told.has(id);
      if (!known && id >= configuration.nextMemberId) this.#leave(id);
    }
  }

  /**
   * To be called now and then: parts with members that were removed some time ago, so that all was said that had to be said. One that has
   * missed it calls again and is told.
   */
  dismissRemoved(): void {
    this.#server.hangUpOn(({ member }) => this.#departed.has(memberId(member)));
    for (const id of this.#departed) this.#leave(id);
    this.#departed = new Set([...this.#peers.keys()].filter((id) => this.#options.wasRemoved(id)));
  }

  /** How late the thread of a peer was when it last said something; undefined when it has not spoken yet. */
  loopLagMsOf(peer: MemberId): number | undefined {
    return this.#loopLags.get(peer);
  }

  /**
   * A peer called and said where it can be called back. That wins over the configuration: a server that has moved can be reached again only
   * so, and one that is about to add us is not yet in it.
   */
  learn(id: MemberId, address: string): void {
    if (id === this.#options.self.member) return;
    const recorded = findMember(this.#options.configuration(), id)?.address;
    if (recorded === address) this.#told.delete(id);
    else this.#told.set(id, { address, recorded });
    this.#connect(id, address);
    // It is there: a server that starts again shall not wait for us, who may have put off the next attempt to reach it.
    for (const link of this.#peers.get(id)?.links.values() ?? []) link.hurry();
  }

  /** Asks the member at `address` to change the membership. */
  async administer(address: string, request: consensusV1.AdministerRequest): Promise<consensusV1.AdministerResponse> {
    const { name, peerAddress } = decodeAddress(address);
    const credentials = this.#options.credentials.forChannel(name);
    const client = new consensusV1.ConsensusServiceClient(peerAddress, credentials, peerChannelOptions(name));
    try {
      return await new Promise((resolve, reject) => {
        const deadline = this.#options.world.clock.wallMs() + administerMs;
        const call = client.administer(request, new Metadata(), { deadline }, (error, response) => {
          this.#calls.delete(call);
          if (error === null) resolve(response);
          else reject(error);
        });
        this.#calls.add(call);
      });
    } finally {
      client.close();
    }
  }

  close(): void {
    this.#news.close();
    for (const call of this.#calls) call.cancel();
    for (const id of [...this.#peers.keys()]) this.#leave(id);
    this.#server.close();
  }

  #connect(id: MemberId, address: string): void {
    const present = this.#peers.get(id);
    if (present?.address === address) return;
    for (const link of present?.links.values() ?? []) link.close();
    const { name, peerAddress } = decodeAddress(address);
    const links = new Map<Channel, OutgoingLink>();
    this.#peers.set(id, { address, links });
    for (const channel of ['urgent', 'log', 'snapshot'] as const) {
      const link = new OutgoingLink({
        world: this.#options.world,
        credentials: this.#options.credentials,
        address: peerAddress,
        serverName: name,
        queuedBytesMax: queuedBytesMax[channel],
        reconnectMsMax: this.#options.reconnectMsMax,
        gathers: channel !== 'urgent',
        hello: () => this.#hello(id),
        checkWelcome: (welcome) => this.#faultOf(welcome)?.message,
        up: () => this.#changed(id, channel, undefined),
        down: (reason) => this.#changed(id, channel, reason),
        expelled: (reason) => this.#options.expelled(reason),
        loopLagMs: () => this.#options.loopLagMs(),
      });
      links.set(channel, link);
    }
  }

  #leave(id: MemberId): void {
    for (const link of this.#peers.get(id)?.links.values() ?? []) link.close();
    this.#peers.delete(id);
    this.#told.delete(id);
    this.#loopLags.delete(id);
    if (this.#unreachable.delete(id)) this.#options.reachability(this.#unreachable);
  }

  #changed(id: MemberId, channel: Channel, fault: string | undefined): void {
    if (fault !== undefined) this.#options.peerDown(id);
    if (channel !== 'urgent') return;
    if (fault === undefined) this.#unreachable.delete(id);
    else this.#unreachable.set(id, fault);
    this.#options.reachability(this.#unreachable);
  }

  #hello(peer: MemberId): consensusV1.PeerHello {
    const { clusterId: groupId, member, directory, incarnation, protocolMin, protocolMax } = this.#options.self;
    return { groupId, member, peer, directory, incarnation, protocolMin, protocolMax, address: this.#options.address };
  }

  /** Tells the caller why it may not talk here. A directory under a known name must show the certificate of that name. */
  #refuse(hello: consensusV1.PeerHello, name: string): consensusV1.PeerRefusal | undefined {
    const fault = this.#faultOf(hello);
    if (fault !== undefined) return { message: fault.message, removed: false };
    const { name: claimed } = decodeAddress(hello.address);
    if (claimed !== name) {
      const message = `member ${hello.member} says it is server ${claimed}, its certificate says ${name}`;
      return { message, removed: false };
    }
    if (this.#options.wasRemoved(memberId(hello.member)))
      return { message: `member ${hello.member} was removed from the cluster`, removed: true };
    this.learn(memberId(hello.member), hello.address);
    return undefined;
  }

  #faultOf(hello: consensusV1.PeerHello): ReturnType<typeof checkHandshake> {
    const { groupId, member, peer, ...rest } = hello;
    const theirs = { ...rest, clusterId: groupId, member: memberId(member), peer: memberId(peer) };
    const mine = { ...this.#options.self, peer: theirs.member };
    return checkHandshake(mine, theirs, this.#options.configuration());
  }

  #received(hello: consensusV1.PeerHello, messages: readonly Uint8Array[]): void {
    for (const bytes of messages) {
      const decoded = decodeMessage(bytes, crc32);
      if (!decoded.ok || decoded.message.from !== hello.member) {
        this.badMessages += 1;
        continue;
      }
      this.messagesIn += 1;
      this.#options.message(decoded.message);
    }
  }
}
