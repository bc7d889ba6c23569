import { type Append, logIndex, type Message, memberId, term } from '@berth/raft';
import { realWorld, type World } from '@berth/world';
import { beforeEach, expect, test } from 'vitest';
import { PatientNews } from '../../src/transport/patient-news.ts';

let due: (() => void)[] = [];
let sent: string[] = [];
let news: PatientNews;

beforeEach(() => {
  due = [];
  sent = [];
  const after = (_ms: number, run: () => void): Disposable => {
    due.push(run);
    return { [Symbol.dispose]: () => void due.splice(due.indexOf(run), 1) };
  };
  const world: World = { ...realWorld, timers: { ...realWorld.timers, after } };
  news = new PatientNews(world, (message) =>
    sent.push(`${message.to}: ${message.kind === 'commit-notice' ? message.commit : message.kind}`),
  );
});

test('news nobody overtakes leaves after one patience at least, and two at most', () => {
  news.keep(notice(2, 5));
  patiencePasses();
  expect(sent).toEqual([]);
  patiencePasses();
  expect(sent).toEqual(['2: 5']);
  expect(due).toEqual([]);
});

test('only the latest of each peer is told', () => {
  news.keep(notice(2, 5));
  news.keep(notice(3, 5));
  patiencePasses();
  news.keep(notice(2, 6));
  patiencePasses();
  expect(sent).toEqual(['3: 5']);
  patiencePasses();
  expect(sent).toEqual(['3: 5', '2: 6']);
});

test('an append that tells as much makes them needless', () => {
  news.keep(notice(2, 5));
  news.keep(notice(3, 5));
  patiencePasses();
  news.forgetIfToldBy(append(2, 5));
  patiencePasses();
  expect(sent).toEqual(['3: 5']);
});

test.each([
  ['tells less', append(2, 4)],
  ['is of another term', { ...append(2, 9), term: term(8) }],
])('an append that %s does not', (_what, other) => {
  news.keep(notice(2, 5));
  news.forgetIfToldBy(other);
  patiencePasses();
  patiencePasses();
  expect(sent).toEqual(['2: 5']);
});

test('nothing leaves once it is closed', () => {
  news.keep(notice(2, 5));
  news.close();
  expect(due).toEqual([]);
});

function patiencePasses(): void {
  for (const run of due.splice(0)) run();
}

function notice(to: number, commit: number): Message {
  return { kind: 'commit-notice', ...envelope(to), commit: logIndex(commit) };
}

function append(to: number, commit: number): Append {
  const previous = { previousIndex: logIndex(commit), previousTerm: term(7) };
  return { kind: 'append', ...envelope(to), ...previous, commit: logIndex(commit), entries: [] };
}

function envelope(to: number): Pick<Message, 'from' | 'to' | 'incarnation' | 'term'> {
  return { from: memberId(1), to: memberId(to), incarnation: 1, term: term(7) };
}
