import { type EmbeddedStoreOptions, type NewMember, openEmbeddedStore } from '@berth/store';
import { keepCompiledCode, realWorld } from '@berth/world';
import { type Drive, drive } from './in-process-drive.ts';
import { openKvDoor } from './kv-door.ts';

export interface MemberSetup {
  readonly options: Omit<EmbeddedStoreOptions, 'world'>;
  /** `host:port` for clients. */
  readonly client: string;
}

export type MemberQuestion =
  | { readonly kind: 'leads' }
  | { readonly kind: 'voters' }
  /** As it was about a second ago at most, like the next. */
  | { readonly kind: 'term' }
  /** How often each kind of notice was said since the start. */
  | { readonly kind: 'notices' }
  | { readonly kind: 'add'; readonly member: NewMember }
  | { readonly kind: 'remove'; readonly name: string }
  | { readonly kind: 'transfer'; readonly to: string }
  /** Keeps the thread that answers clients and applies busy for so long. */
  | { readonly kind: 'block'; readonly ms: number }
  /** Writes from within this process; answered with the writes per second. */
  | { readonly kind: 'drive'; readonly drive: Drive };

// The program of one member under measurement.
const { options, client } = JSON.parse(process.argv[2] ?? '') as MemberSetup;
const store = await openEmbeddedStore({ ...options, world: realWorld });
await openKvDoor(store, client);
keepCompiledCode();

async function answer(question: MemberQuestion): Promise<unknown> {
  switch (question.kind) {
    case 'leads':
      return store.status().leadership.kind === 'leader';
    case 'voters':
      return store.status().members.filter(({ role }) => role === 'voter').length;
    case 'term':
      return store.metrics().core?.status.term;
    case 'notices':
      return store.metrics().core?.notices;
    case 'add':
      return await store.members.add(question.member);
    case 'remove':
      return await store.members.remove(idOf(question.name));
    case 'transfer':
      return await store.members.transfer(idOf(question.to));
    case 'block':
      return block(question.ms);
    case 'drive':
      return await drive(store, question.drive);
  }
}

function idOf(wanted: string): string {
  return store.members.list().find(({ name }) => name === wanted)?.memberId ?? '';
}

function block(ms: number): void {
  const endMs = performance.now() + ms;
  for (let i = 0; performance.now() < endMs; i++) Math.sqrt(i);
}

process.on('message', async ({ id, question }: { id: number; question: MemberQuestion }) => {
  const reply = await answer(question).then(
    (value) => ({ id, value }),
    (error: unknown) => ({ id, error: String(error) }),
  );
  process.send?.(reply);
});
process.on('disconnect', () => process.exit(0));
process.send?.({ id: 0, value: store.memberId });
