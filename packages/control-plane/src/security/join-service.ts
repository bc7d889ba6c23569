import type { Clock } from '@berth/world';
import type { CertificateAuthority } from './certificate-authority.ts';
import type { FailureLimiter } from './failure-limiter.ts';
import { type Identity, nameFault } from './identity.ts';
import type {
  ClusterSettings,
  JoinRequest,
  JoinResponse,
  Membership,
  RenewResponse,
  ServerAddresses,
  ServerEntry,
} from './join-messages.ts';
import { type JoinToken, parseJoinToken } from './join-token.ts';
import type { ClaimKind, NameClaims } from './name-claims.ts';
import type { TokenLedger, TokenRecord } from './token-ledger.ts';
import { publicKeyHash, publicKeyOfRequest } from './x509.ts';

/** Reasons of `metav1.Status`. */
type RefusalReason = 'BadRequest' | 'Unauthorized' | 'Forbidden' | 'AlreadyExists' | 'TooManyRequests';

export interface Refusal {
  readonly kind: 'refused';
  readonly reason: RefusalReason;
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

export type JoinOutcome = { readonly kind: 'joined'; readonly response: JoinResponse } | Refusal;
export type RenewOutcome = { readonly kind: 'renewed'; readonly response: RenewResponse } | Refusal;

/** What joining needs to know about the cluster. */
export interface ClusterDirectory {
  readonly clusterId: string;
  readonly settings: ClusterSettings;
  /** The names every server's certificate has besides its own addresses. */
  readonly commonServerNames: readonly string[];
  servers(): readonly (ServerEntry & { readonly peerAddress: string })[];
  /** Makes a joining server a member of the consensus group; undefined when the store has none of its own (etcd). */
  addServer(name: string, addresses: ServerAddresses): Promise<Membership | undefined>;
  /** Whether the name is in use: its Node object exists, or a member of the cluster has it. */
  isPresent(kind: ClaimKind, name: string): Promise<boolean>;
}

export interface JoinServiceOptions {
  readonly authority: CertificateAuthority;
  readonly ledger: TokenLedger;
  readonly claims: NameClaims;
  readonly limiter: FailureLimiter;
  readonly cluster: ClusterDirectory;
  readonly clock: Clock;
}

/** How long after its end a certificate may still be exchanged for a new one: a machine may have slept. */
const renewalGraceMs: number = 90 * 24 * 3_600_000;

/** The certificate a renewal is asked with, already verified against the authority except for its end. */
export interface PresentedCertificate {
  readonly identity: Identity;
  readonly publicKeyPem: string;
  readonly notAfterMs: number;
}

/** Turns tokens into certificates and certificates into newer ones. Methods reject with a `StoreError` without a quorum. */
export class JoinService {
  readonly #options: JoinServiceOptions;

  constructor(options: JoinServiceOptions) {
    this.#options = options;
  }

  async join(request: JoinRequest, remoteAddress: string): Promise<JoinOutcome> {
    const { limiter } = this.#options;
    const waitMs = limiter.waitMs(remoteAddress);
    if (waitMs > 0) {
      const retryAfterSeconds = Math.ceil(waitMs / 1000);
      const message = `too many failed joins from ${remoteAddress}: wait ${retryAfterSeconds} s`;
      return { kind: 'refused', reason: 'TooManyRequests', message, retryAfterSeconds };
    }
    const outcome = await this.#join(request);
    if (outcome.kind === 'refused' && outcome.reason === 'Unauthorized') limiter.fail(remoteAddress);
    return outcome;
  }

  async renew(presented: PresentedCertificate, certificateRequest: string): Promise<RenewOutcome> {
    const { authority, claims, clock } = this.#options;
    const { identity } = presented;
    if (clock.wallMs() > presented.notAfterMs + renewalGraceMs)
      return refused('Unauthorized', rejoinSentence(presented));
    if (identity.kind === 'server')
      return refused('Forbidden', 'a server renews its certificate itself: it holds the key of the cluster CA');
    const key = await requestedKey(certificateRequest);
    if (typeof key !== 'string') return key;
    if (identity.kind === 'node') {
      const held = publicKeyHash(presented.publicKeyPem);
      if (!(await claims.extend('node', identity.name, held, publicKeyHash(key))))
        return refused(
          'Forbidden',
          `the name ${identity.name} now belongs to another machine: join again with another name`,
        );
    }
    const certificate = await authority.issue(identity, key);
    return { kind: 'renewed', response: this.#renewResponse(certificate) };
  }

  async #join(request: JoinRequest): Promise<JoinOutcome> {
    const fault = nameFault(request.name);
    if (fault !== undefined) return refused('BadRequest', fault);
    const token = parseJoinToken(request.token);
    if (token === undefined)
      return refused('BadRequest', 'token: must look like "berth1.<role>.<id>.<secret>.<ca-hash>"');
    const verdict = await this.#verify(token);
    if (verdict.kind === 'refused') return refused('Unauthorized', verdict.message);
    const misfit = roleMisfit(verdict.token, request);
    if (misfit !== undefined) return refused('Forbidden', misfit);
    const key = await requestedKey(request.certificateRequest);
    if (typeof key !== 'string') return key;
    return await this.#admit(request, key);
  }

  #verify(token: JoinToken): ReturnType<TokenLedger['verify']> {
    if (token.caHash === this.#options.authority.hash) return this.#options.ledger.verify(token);
    return Promise.resolve({ kind: 'refused', message: `join token ${token.id} belongs to another cluster` });
  }

  async #admit(request: JoinRequest, publicKeyPem: string): Promise<JoinOutcome> {
    const { authority, claims, cluster } = this.#options;
    const { name, server } = request;
    const kind: ClaimKind = server === undefined ? 'node' : 'server';
    const claim = await claims.claim(kind, name, publicKeyHash(publicKeyPem), () => cluster.isPresent(kind, name));
    if (claim === 'taken') return refused('AlreadyExists', takenSentence(kind, name));
    const response: JoinResponse = {
      ...this.#renewResponse(await authority.issue({ kind, name }, publicKeyPem, this.#namesOf(request))),
      clusterId: cluster.clusterId,
      settings: cluster.settings,
      ...(server === undefined ? {} : { server: await this.#serverPart(name, server) }),
    };
    return { kind: 'joined', response };
  }

  #namesOf({ name, server }: JoinRequest): readonly string[] {
    if (server === undefined) return [];
    return serverNames(name, server.alternativeNames, this.#options.cluster.commonServerNames);
  }

  async #serverPart(name: string, addresses: ServerAddresses): Promise<NonNullable<JoinResponse['server']>> {
    const { authority, cluster } = this.#options;
    const peers = cluster.servers().map(({ name, peerAddress }) => ({ name, peerAddress }));
    const membership = await cluster.addServer(name, addresses);
    return { caKey: authority.privateKey, peers, ...(membership === undefined ? {} : { membership }) };
  }

  #renewResponse(certificate: string): RenewResponse {
    const { authority, cluster } = this.#options;
    const servers = cluster
      .servers()
      .map(({ name, apiAddress, gatewayAddress }) => ({ name, apiAddress, gatewayAddress }));
    return { certificate, caCertificate: authority.certificate, servers };
  }
}

/** The names of a server's certificate, without doubles. */
export function serverNames(name: string, own: readonly string[], common: readonly string[]): readonly string[] {
  return [...new Set([name, ...own, ...common])];
}

function roleMisfit(token: TokenRecord, request: JoinRequest): string | undefined {
  if (token.role === 'agent' && request.server !== undefined)
    return `join token ${token.id} admits agents only: a server needs one made with "berth token create --role server"`;
  if (token.role === 'server' && request.server === undefined)
    return `join token ${token.id} admits servers only: an agent needs one made with "berth token create --role agent"`;
  return undefined;
}

function takenSentence(kind: ClaimKind, name: string): string {
  return kind === 'node'
    ? `another machine has joined as node ${name}: choose another name, or remove the old one with "kubectl delete node ${name}" and wait 10 minutes after its join`
    : `another machine has joined as server ${name}: choose another name, or remove the old member first`;
}

/** How a machine that was away too long gets back: in one line. */
function rejoinSentence(presented: PresentedCertificate): string {
  const ended = new Date(presented.notAfterMs).toISOString();
  return `the certificate of ${presented.identity.name} ended at ${ended}, too long ago to be renewed: join again with a new token ("berth token create --role agent")`;
}

async function requestedKey(certificateRequest: string): Promise<string | Refusal> {
  try {
    return await publicKeyOfRequest(certificateRequest);
  } catch (error) {
    return refused('BadRequest', `certificateRequest: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function refused(reason: RefusalReason, message: string): Refusal {
  return { kind: 'refused', reason, message };
}
