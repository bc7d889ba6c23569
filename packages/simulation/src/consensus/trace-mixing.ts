import type { Effect, Event } from '@berth/raft';
import { hashText } from '../world/dice.ts';
import type { TraceHash } from '../world/trace-hash.ts';

const codes = new Map<string, number>();

function codeOf(kind: string): number {
  let code = codes.get(kind);
  if (code === undefined) {
    code = hashText(kind);
    codes.set(kind, code);
  }
  return code;
}

/** Adds one step to the hash: who, what came in, what went out. */
export function mixEvent(trace: TraceHash, member: number, event: Event, effects: readonly Effect[]): void {
  trace.add(member);
  trace.add(codeOf(event.kind === 'message' ? event.message.kind : event.kind));
  if (event.kind === 'message') trace.add(event.message.term * 1024 + event.message.from);
  else if (event.kind === 'persisted') trace.add(event.seq);
  for (const effect of effects) {
    if (effect.kind === 'send') trace.add(codeOf(effect.message.kind) + effect.afterSeq * 7 + effect.message.to);
    else if (effect.kind === 'persist') trace.add(effect.seq * 31 + effect.entries.length);
    else if (effect.kind === 'notice') trace.add(codeOf(effect.notice.kind));
    else trace.add(codeOf(effect.kind));
  }
}
