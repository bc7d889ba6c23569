import { type Effect, type Entry, entryKinds, entryPayload, type LogBase, type Message } from '../../src/index.ts';

const decoder = new TextDecoder();
const kindNames = new Map<number, string>(Object.entries(entryKinds).map(([name, code]) => [code, name]));

/** `7/3 "x"`: index, term, what it holds. */
function entryText(entry: Entry): string {
  const place = `${entry.index}/${entry.term}`;
  if (entry.kind === entryKinds.command) {
    const text = decoder.decode(entryPayload(entry));
    return `${place} "${text.length > 24 ? `${text.slice(0, 20)}...${text.length}` : text}"`;
  }
  return `${place} ${kindNames.get(entry.kind) ?? `kind-${entry.kind}`}`;
}

export function entriesText(entries: readonly Entry[]): string {
  if (entries.length <= 4) return `[${entries.map(entryText).join(', ')}]`;
  return `[${entryText(entries[0] as Entry)} ... ${entryText(entries.at(-1) as Entry)}]`;
}

function baseText(base: LogBase): string {
  return `${base.index}/${base.term} voters ${base.configuration.voters.join(',')}`;
}

/** Everything in a message but who sent it to whom. */
export function messageText(message: Message): string {
  const head = `${message.kind} term ${message.term}`;
  const details = detailsOf(message);
  return details === '' ? head : `${head} ${details}`;
}

function detailsOf(message: Message): string {
  switch (message.kind) {
    case 'pre-vote-request':
      return `last ${message.lastIndex}/${message.lastTerm}`;
    case 'vote-request':
      return `last ${message.lastIndex}/${message.lastTerm}${message.transfer ? ' transfer' : ''}`;
    case 'pre-vote-answer':
      return `${message.granted ? 'granted' : 'refused'} for ${message.candidacy}`;
    case 'vote-answer':
      return message.granted ? 'granted' : 'refused';
    case 'append':
      return `after ${message.previousIndex}/${message.previousTerm} commit ${message.commit} ${entriesText(message.entries)}`;
    case 'append-accepted':
      return `match ${message.matchIndex}${standing(message.quarantined)}`;
    case 'append-rejected':
      return `at ${message.rejectedIndex} hint ${message.hintIndex}/${message.hintTerm}${standing(message.quarantined)}`;
    case 'heartbeat':
      return `round ${message.round} commit ${message.commit}${message.lostPromise ? ' lost-promise' : ''}`;
    case 'heartbeat-answer':
      return `round ${message.round}${standing(message.quarantined)}${message.diskLow ? ' disk-low' : ''}`;
    case 'snapshot-offer':
      return `${message.snapshot.snapshotId} at ${baseText(message.snapshot.base)}`;
    case 'snapshot-chunk':
      return `${message.snapshotId} offset ${message.offset} bytes ${message.data.length}${message.last ? ' last' : ''}`;
    case 'snapshot-progress':
      return `${message.snapshotId} ${message.status} offset ${message.nextOffset} match ${message.matchIndex}${standing(message.quarantined)}`;
    case 'read-request':
      return `token ${message.token}`;
    case 'commit-notice':
      return `up to ${message.commit}`;
    case 'read-answer':
      return `token ${message.token} index ${message.index ?? 'none'}`;
    case 'forward':
      return message.proposals.map((proposal) => `"${decoder.decode(proposal.payload)}"`).join(' ');
    case 'forward-refused':
      return `${message.reason} ${message.ids.length}`;
    case 'removed':
      return `at ${message.configurationIndex}`;
    case 'campaign-now':
    case 'newer-term':
      return '';
  }
}

function standing(quarantined: boolean): string {
  return quarantined ? ' quarantined' : '';
}

/** One line per effect, as it stands in a scenario. */
export function effectText(effect: Effect): string {
  switch (effect.kind) {
    case 'persist':
      return `persist ${effect.seq}:${persistText(effect)}`;
    case 'send': {
      const after = effect.afterSeq === 0 ? '' : ` (after ${effect.afterSeq})`;
      const patience = effect.mayWait ? ' (may wait)' : '';
      return `-> ${effect.message.to} ${messageText(effect.message)}${after}${patience}`;
    }
    case 'apply':
      return `apply ${entriesText(effect.entries)}`;
    case 'read-entries':
      return `read ${effect.from}..${effect.to} for ${effect.reader}`;
    case 'role-changed':
      return `${effect.role} in term ${effect.term}${effect.leader === undefined ? '' : `, leader ${effect.leader}`}`;
    case 'configuration-changed': {
      const { voters, outgoing, learners } = effect.configuration;
      const joint = outgoing.length === 0 ? '' : ` outgoing ${outgoing.join(',')}`;
      const others = learners.length === 0 ? '' : ` learners ${learners.join(',')}`;
      return `configuration ${effect.index}: voters ${voters.join(',')}${joint}${others}${effect.committed ? ' committed' : ''}`;
    }
    case 'notice': {
      const { kind, ...facts } = effect.notice;
      const text = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
      return `! ${[kind, ...text].join(' ')}`;
    }
    case 'read-ready':
      return `read-ready ${effect.ids.join(',')} at ${effect.index}`;
    case 'read-failed':
      return `read-failed ${effect.ids.join(',')} ${effect.reason}`;
    case 'proposals-refused':
      return `refused ${effect.ids.length} ${effect.reason}${effect.leader === undefined ? '' : ` leader ${effect.leader}`}`;
    case 'membership-refused':
      return `membership-refused ${effect.refusal.reason}: ${effect.refusal.message}`;
    case 'membership-appended':
      return `membership-appended at ${effect.index}`;
    case 'transfer-ended':
      return `transfer to ${effect.to} ${effect.outcome}: ${effect.message}`;
    case 'checkpoint':
      return `checkpoint ${effect.index}`;
    case 'open-snapshot':
      return `open-snapshot for ${effect.to}`;
    case 'load-chunk':
      return `load-chunk ${effect.snapshotId} offset ${effect.offset} for ${effect.to}`;
    case 'close-snapshot':
      return `close-snapshot ${effect.snapshotId} for ${effect.to}`;
    case 'store-chunk':
      return `store-chunk ${effect.snapshot.snapshotId} offset ${effect.offset}`;
    case 'stage-snapshot':
      return `stage-snapshot ${effect.snapshot.snapshotId}`;
    case 'discard-snapshot':
      return `discard-snapshot ${effect.snapshotId}`;
  }
}

function persistText(effect: Extract<Effect, { kind: 'persist' }>): string {
  const parts: string[] = [];
  if (effect.install !== undefined) parts.push(`install ${baseText(effect.install.base)}`);
  if (effect.base !== undefined) parts.push(`base ${effect.base.index}/${effect.base.term}`);
  if (effect.truncateFrom !== undefined) parts.push(`truncate ${effect.truncateFrom}`);
  if (effect.entries.length > 0) parts.push(entriesText(effect.entries));
  if (effect.hardState !== undefined) {
    const { term, vote, quarantinedUpTo } = effect.hardState;
    parts.push(
      `term ${term} vote ${vote ?? '-'}${quarantinedUpTo === undefined ? '' : ` quarantined ${quarantinedUpTo}`}`,
    );
  }
  return parts.map((part) => ` ${part}`).join(';');
}
