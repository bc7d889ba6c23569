import { type EmbeddedStoreOptions, type NewMember, openEmbeddedStore } from '@berth/store';
import { realWorld } from '@berth/world';
import { openKvDoor } from './kv-door.ts';

export interface MemberSetup {
  readonly options: Omit<EmbeddedStoreOptions, 'world'>;
  /** `host:port` for clients. */
  readonly client: string;
}

export type MemberQuestion =
  | { readonly kind: 'leads' }
  | { readonly kind: 'voters' }
  | { readonly kind: 'add'; readonly member: NewMember }
  | { readonly kind: 'transfer'; readonly to: string };

// The program of one member under measurement.
const { options, client } = JSON.parse(process.argv[2] ?? '') as MemberSetup;
const store = await openEmbeddedStore({ ...options, world: realWorld });
await openKvDoor(store, client);

async function answer(question: MemberQuestion): Promise<unknown> {
  switch (question.kind) {
    case 'leads':
      return store.status().leadership.kind === 'leader';
    case 'voters':
      return store.status().members.filter(({ role }) => role === 'voter').length;
    case 'add':
      return await store.members.add(question.member);
    case 'transfer': {
      const heir = store.members.list().find(({ name }) => name === question.to);
      return await store.members.transfer(heir?.memberId ?? '');
    }
  }
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
