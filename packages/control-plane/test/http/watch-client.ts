import { type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';

export interface WatchEvent {
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: events are looked into by path, their types are what the tests check.
  readonly object: any;
}

/** A watch as a client sees it: its response, then one event per line until the end. */
export interface OpenWatch extends Disposable {
  readonly response: IncomingMessage;
  /** The next event; undefined when the watch has ended. */
  next(): Promise<WatchEvent | undefined>;
  take(count: number): Promise<readonly WatchEvent[]>;
  /** Everything up to the end. */
  rest(): Promise<readonly WatchEvent[]>;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Resolves once the headers are there, which a server sends before the first event. */
export async function openWatch(address: Address, path: string, accept = 'application/json'): Promise<OpenWatch> {
  const response = await get(address, path, accept);
  const lines = createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  const next = async (): Promise<WatchEvent | undefined> => {
    const { value, done } = await lines.next();
    return done === true ? undefined : (JSON.parse(value) as WatchEvent);
  };
  return {
    response,
    next,
    async take(count) {
      const events: WatchEvent[] = [];
      while (events.length < count) {
        const event = await next();
        if (event === undefined) throw new Error(`the watch ended after ${events.length} of ${count} events`);
        events.push(event);
      }
      return events;
    },
    async rest() {
      const events: WatchEvent[] = [];
      for (let event = await next(); event !== undefined; event = await next()) events.push(event);
      return events;
    },
    [Symbol.dispose]: () => void response.destroy(),
  };
}

/** A response whose body nobody reads. */
export function get({ host, port }: Address, path: string, accept = 'application/json'): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = { authorization: 'Bearer admin', accept };
  request({ host, port, path, headers, agent: false }, resolve).on('error', reject).end();
  return promise;
}

/** `ADDED a`, `DELETED b`: events in one word each. */
export function told(events: readonly WatchEvent[]): readonly string[] {
  return events.map(({ type, object }) => `${type} ${object.metadata?.name ?? object.code}`);
}
