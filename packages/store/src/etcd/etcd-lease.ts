import type { World } from '@berth/world';
import type { EtcdChannel } from './etcd-channel.ts';

/** Seconds after which etcd forgets a server that no longer renews. */
const leaseSeconds = 3;
const renewMs = 750;
const retryMs = 250;

export interface LeaseListener {
  /** A new lease: whatever hangs on it must be written again. */
  granted(lease: number): Promise<void>;
  /** Renewed, or not renewed for so long that etcd may have given it up. */
  alive(alive: boolean): void;
}

/**
 * Keeps one lease alive while this server runs. It is counted from when a renewal was sent, not answered: this server gives it up before
 * etcd does.
 */
export class EtcdLease {
  readonly #world: World;
  readonly #channel: EtcdChannel;
  readonly #listener: LeaseListener;
  #lease = 0;
  #stream: ReturnType<EtcdChannel['openKeepAlive']> | undefined;
  #beat: Disposable | undefined;
  #sentMs = 0;
  #aliveUntilMs = 0;
  #closed = false;

  constructor(world: World, channel: EtcdChannel, listener: LeaseListener) {
    this.#world = world;
    this.#channel = channel;
    this.#listener = listener;
  }

  async start(): Promise<void> {
    await this.#grant();
    this.#beat = this.#world.timers.every(renewMs, () => this.#renew());
  }

  /** Gives the lease back, so that nobody has to wait for its end. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#beat?.[Symbol.dispose]();
    this.#stream?.cancel();
    if (this.#lease !== 0) await this.#channel.revokeLease(this.#lease).catch(() => undefined);
  }

  async #grant(): Promise<void> {
    const lease = this.#world.random.integer(2 ** 32 - 1) + 1;
    this.#sentMs = this.#world.clock.monotonicMs();
    await this.#channel.grantLease(lease, leaseSeconds);
    this.#lease = lease;
    this.#renewed();
    await this.#listener.granted(lease);
  }

  #renew(): void {
    const now = this.#world.clock.monotonicMs();
    if (now > this.#aliveUntilMs) this.#listener.alive(false);
    if (this.#lease === 0) return;
    this.#stream ??= this.#open();
    this.#sentMs = now;
    this.#stream.write({ ID: this.#lease });
  }

  #open(): ReturnType<EtcdChannel['openKeepAlive']> {
    const stream = this.#channel.openKeepAlive();
    const over = (): void => {
      if (this.#stream !== stream) return;
      this.#stream = undefined;
      if (!this.#closed) this.#channel.rotate();
    };
    stream.on('data', (answer) => {
      if (this.#closed || this.#stream !== stream) return;
      if (answer.TTL > 0) this.#renewed();
      else this.#lost();
    });
    stream.on('error', over);
    stream.on('end', over);
    return stream;
  }

  #renewed(): void {
    this.#aliveUntilMs = this.#sentMs + leaseSeconds * 1000;
    this.#listener.alive(true);
  }

  #lost(): void {
    this.#lease = 0;
    this.#listener.alive(false);
    const again = (): void => {
      if (this.#closed) return;
      this.#grant().catch(() => this.#world.timers.after(retryMs, again));
    };
    again();
  }
}
