import type { TLSSocket } from 'node:tls';
import type { Requester } from '../registry/registry.ts';

/** What a request brings to prove who sends it. */
export interface Credentials {
  /** The connection, for its client certificate; undefined in requests injected by tests. */
  readonly socket: TLSSocket | undefined;
  /** The Authorization header as sent. */
  readonly authorization: string | undefined;
}

/** Says who asks; undefined is answered with 401. Rejects only when it cannot know, e.g. without the store. */
export type Authenticate = (credentials: Credentials) => Promise<Requester | undefined>;

/** What a request wants to do, in the words of Kubernetes' authorisation. */
export interface RequestAttributes {
  /** get, list, watch, create, update, patch, delete, deletecollection; for paths outside the API the method in lower case. */
  readonly verb: string;
  readonly path: string;
  /** Absent for paths outside the API, e.g. `/metrics`. */
  readonly resource?: {
    /** Empty for the core group. */
    readonly group: string;
    readonly version: string;
    /** Plural without group. */
    readonly plural: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
}

export interface Decision {
  readonly allowed: boolean;
  /** Shown to the client after the sentence that says what was refused. */
  readonly reason?: string;
}

export type Authorize = (requester: Requester, attributes: RequestAttributes) => Promise<Decision>;
