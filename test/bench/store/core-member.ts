import { mkdir } from 'node:fs/promises';
import { entryOrigin } from '@berth/raft';
import { realWorld } from '@berth/world';
import { ConsensusShell } from '../../../packages/store/src/consensus/consensus-shell.ts';
import { unpackFrames } from '../../../packages/store/src/consensus/frame-packing.ts';
import { compileOptions } from '../../../packages/store/src/embedded/options.ts';
import type { AdminOutcome } from '../../../packages/store/src/link/admin.ts';
import type { FromCore } from '../../../packages/store/src/link/core-messages.ts';
import { packProposals } from '../../../packages/store/src/link/proposal-packing.ts';
import { encodeAddress } from '../../../packages/store/src/member-record.ts';
import type { MemberQuestion, MemberSetup } from './berth-member.ts';
import { type Drive, RateWindow } from './in-process-drive.ts';

const session = 1;

/** The consensus core of one member with its log, its disk and its peers, and no state behind it: what is committed is only counted. */
class CoreAlone {
  #shell: ConsensusShell | undefined;
  #role = '';
  #voters = 0;
  #clusterId = '';
  #sequence = 0;
  #committed: (count: number) => void = () => undefined;
  readonly #administered = new Map<number, (outcome: AdminOutcome) => void>();

  async start({ options }: MemberSetup): Promise<void> {
    await mkdir(options.dataDirectory, { recursive: true });
    const { core } = compileOptions({ ...options, world: realWorld });
    const tell = (message: FromCore): void => this.#hear(message);
    this.#shell = await ConsensusShell.start(realWorld, core, tell, async () => ({ kind: 'empty' }));
  }

  async answer(question: MemberQuestion): Promise<unknown> {
    switch (question.kind) {
      case 'leads':
        return this.#role === 'leader';
      case 'voters':
        return this.#voters;
      case 'add':
        return await this.#add(question.member);
      case 'drive':
        return await this.#drive(question.drive);
      default:
        throw new Error(`the core alone does not answer "${question.kind}"`);
    }
  }

  async #add({
    directory,
    promote = true,
    ...member
  }: Extract<MemberQuestion, { kind: 'add' }>['member']): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<AdminOutcome>();
    const id = this.#administered.size + 1;
    this.#administered.set(id, resolve);
    const address = encodeAddress({ ...member, promote });
    this.#shell?.receive({ kind: 'administer', id, request: { kind: 'add', directory, address } });
    const outcome = await promise;
    if (outcome.kind !== 'done') throw new Error(outcome.message);
    return { clusterId: this.#clusterId, groupId: outcome.groupId, memberId: outcome.member };
  }

  /** What was committed in one batch is replaced by as many new proposals, together. */
  async #drive({ outstanding, valueBytes, until }: Drive): Promise<number> {
    if (until.kind !== 'time') throw new Error('the core alone is driven for a time');
    const payload = new Uint8Array(valueBytes);
    const propose = (count: number): void => {
      const proposals = Array.from({ length: count }, () => {
        this.#sequence += 1;
        return { session, sequence: this.#sequence, ackedBelow: this.#sequence - outstanding, payload };
      });
      this.#shell?.receive({ kind: 'propose', ...packProposals(proposals) });
    };
    const window = new RateWindow(until);
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#committed = (count) => {
      if (window.count(count)) return propose(count);
      this.#committed = () => undefined;
      resolve(window.perSecond());
    };
    propose(outstanding);
    return await promise;
  }

  #hear(message: FromCore): void {
    switch (message.kind) {
      case 'started':
        this.#clusterId = message.identity.clusterId;
        return;
      case 'role':
        this.#role = message.role;
        return;
      case 'configuration':
        this.#voters = message.configuration.voters.length;
        return;
      case 'administered':
        this.#administered.get(message.id)?.(message.outcome);
        return;
      case 'checkpoint':
        this.#shell?.receive({ kind: 'checkpointed', index: message.index });
        return;
      case 'apply':
        this.#applied(message.frames);
        return;
      case 'refused':
      case 'fatal':
        throw new Error(`the core gave up: ${message.kind === 'fatal' ? message.reason : message.message}`);
      default:
    }
  }

  #applied(frames: Uint8Array): void {
    const entries = unpackFrames(frames);
    const own = entries.filter((entry) => entryOrigin(entry).session === session).length;
    // Told afterwards, as a thread of its own would: the core is in the middle of a step.
    queueMicrotask(() => {
      const last = entries.at(-1);
      if (last !== undefined) this.#shell?.receive({ kind: 'applied', index: last.index });
      if (own > 0) this.#committed(own);
    });
  }
}

const core = new CoreAlone();
await core.start(JSON.parse(process.argv[2] ?? '') as MemberSetup);
process.on('message', async ({ id, question }: { id: number; question: MemberQuestion }) => {
  const reply = await core.answer(question).then(
    (value) => ({ id, value }),
    (error: unknown) => ({ id, error: String(error) }),
  );
  process.send?.(reply);
});
process.on('disconnect', () => process.exit(0));
process.send?.({ id: 0, value: undefined });
