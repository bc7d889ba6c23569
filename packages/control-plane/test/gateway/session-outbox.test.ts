import { expect, test } from 'vitest';
import { type Message, SessionOutbox } from '../../src/gateway/session-outbox.ts';

function outbox(render: (mark: string) => readonly Message[] = gone) {
  const sent: string[] = [];
  const state = { accepts: Number.POSITIVE_INFINITY };
  let drained: () => void = () => undefined;
  const box = new SessionOutbox(
    {
      write: ({ message }) => {
        sent.push(message?.$case === 'podGone' ? message.value.uid : (message?.$case ?? ''));
        return --state.accepts > 0;
      },
      on: (_event, listener) => {
        drained = listener;
      },
    },
    render,
  );
  const drain = (accepts: number): void => {
    state.accepts = accepts;
    drained();
  };
  return { box, sent, state, drain };
}

function gone(mark: string): readonly Message[] {
  return [{ $case: 'podGone', value: { uid: mark } }];
}

test('marks are sent in the order in which they were made', () => {
  const { box, sent } = outbox();
  box.mark('a', 'b');
  box.mark('c');
  expect(sent).toEqual(['a', 'b', 'c']);
});

test('what changes a thousand times while the agent does not read is sent once, in its latest state', () => {
  let version = 0;
  const { box, sent, state, drain } = outbox((mark) => gone(`${mark}-${version}`));
  state.accepts = 1;
  box.mark('first');
  for (version = 1; version <= 1000; version++) box.mark('pod');
  expect(box.isBlocked).toBe(true);
  expect(box.waiting).toBe(1);
  drain(10);
  expect(sent).toEqual(['first-0', 'pod-1001']);
});

test('a change never moves an object behind a mark that was made after it', () => {
  const { box, sent, state, drain } = outbox();
  state.accepts = 1;
  box.mark('first', 'pod', 'synced');
  box.mark('pod');
  drain(10);
  expect(sent).toEqual(['first', 'pod', 'synced']);
});

test('urgent messages overtake marks; beyond the limit they are refused', () => {
  const { box, sent, state, drain } = outbox();
  state.accepts = 1;
  box.mark('first', 'second');
  expect(box.send({ $case: 'goodbye', value: { reason: '' } })).toBe(true);
  drain(10);
  expect(sent).toEqual(['first', 'goodbye', 'second']);
  drain(0);
  box.mark('last');
  const accepted = Array.from({ length: 1001 }, () => box.send({ $case: 'goodbye', value: { reason: '' } }));
  expect(accepted.filter(Boolean)).toHaveLength(1000);
  expect(accepted.at(-1)).toBe(false);
});
