import type { Kind } from '@berth/api';
import type { Store } from '@berth/store';
import type { World } from '@berth/world';
import { Claims } from './allocation/claims.ts';
import type { KindStrategy, Strategies } from './kind-strategy.ts';
import type { NodeSeats } from './node-seats.ts';
import type { StateReader } from './state-reader.ts';

/** What every operation of the engine works with. */
export interface EngineParts {
  readonly store: Store;
  readonly world: World;
  readonly strategies: Strategies;
  readonly seats: NodeSeats;
}

const noStrategy: KindStrategy = {};

export function strategyOf(parts: EngineParts, kind: Kind): KindStrategy {
  return parts.strategies[kind.resource] ?? noStrategy;
}

/** `owner` names the object in the allocation, for people who look at the store. */
export function claimsFor(parts: EngineParts, reader: StateReader, owner: string): Claims {
  return new Claims(reader, (below) => parts.world.random.integer(below), owner);
}

export function groupResource(kind: Kind): { readonly group: string; readonly resource: string } {
  return { group: kind.group, resource: kind.plural };
}
