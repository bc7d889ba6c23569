import type { consensusV1 } from '@berth/wire';
import { unreachable } from '../unreachable.ts';

/** What an operator, or a server that joins, wants changed. Carried out by the leader, wherever it was asked. */
export type AdminRequest =
  /** A new learner; answered with its id. A directory that was added before gets its old answer. */
  | { readonly kind: 'add'; readonly directory: string; readonly address: string }
  | { readonly kind: 'promote'; readonly member: number }
  /** Stays a learner from now on. */
  | { readonly kind: 'demote'; readonly member: number }
  | { readonly kind: 'remove'; readonly member: number }
  | { readonly kind: 'transfer'; readonly to: number }
  | { readonly kind: 'update'; readonly member: number; readonly address: string };

export type AdminOutcome =
  | { readonly kind: 'done'; readonly member: number; readonly groupId: string }
  /**
   * `message` is for the operator. `no-leader`: nobody who could do it was found, nothing was done. `unavailable`: it is not known whether
   * it was done.
   */
  | { readonly kind: 'refused'; readonly reason: string; readonly message: string };

export function encodeAdminRequest(groupId: string, request: AdminRequest): consensusV1.AdministerRequest {
  return { groupId, change: encodeChange(request) };
}

function encodeChange(request: AdminRequest): NonNullable<consensusV1.AdministerRequest['change']> {
  switch (request.kind) {
    case 'add':
      return { $case: 'add', value: { directory: request.directory, address: request.address } };
    case 'promote':
    case 'demote':
    case 'remove':
      return { $case: request.kind, value: request.member };
    case 'transfer':
      return { $case: 'transferTo', value: request.to };
    case 'update':
      return { $case: 'update', value: { member: request.member, address: request.address } };
    default:
      return unreachable(request);
  }
}

/** Undefined for a request of a later version. */
export function decodeAdminRequest({ change }: consensusV1.AdministerRequest): AdminRequest | undefined {
  switch (change?.$case) {
    case 'add':
      return { kind: 'add', ...change.value };
    case 'promote':
    case 'demote':
    case 'remove':
      return { kind: change.$case, member: change.value };
    case 'transferTo':
      return { kind: 'transfer', to: change.value };
    case 'update':
      return { kind: 'update', ...change.value };
    default:
      return undefined;
  }
}

export function encodeAdminOutcome(outcome: AdminOutcome): consensusV1.AdministerResponse {
  if (outcome.kind === 'done') return { refusalReason: '', refusalMessage: '', member: outcome.member };
  return { refusalReason: outcome.reason, refusalMessage: outcome.message, member: 0 };
}

export function decodeAdminOutcome(response: consensusV1.AdministerResponse, groupId: string): AdminOutcome {
  const { member, refusalReason, refusalMessage } = response;
  if (refusalReason === '') return { kind: 'done', member, groupId };
  return { kind: 'refused', reason: refusalReason, message: refusalMessage };
}
