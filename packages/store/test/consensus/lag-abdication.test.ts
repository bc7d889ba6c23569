import { emptyConfiguration, logIndex, memberId, type PeerStatus } from '@berth/raft';
import { beforeEach, describe, expect, test } from 'vitest';
import { LagAbdication, type Reign } from '../../src/consensus/lag-abdication.ts';

const electionTicks = 20;
let nowMs = 0;
let lagMs = 0;
let peerLagsMs = new Map<number, number>();
let abdication: LagAbdication;

beforeEach(() => {
  nowMs = 0;
  lagMs = 400;
  peerLagsMs = new Map([
    [2, 10],
    [3, 10],
    [4, 10],
  ]);
  abdication = new LagAbdication({
    electionMs: 1000,
    electionTicks,
    nowMs: () => nowMs,
    loopLagMs: () => lagMs,
    loopLagMsOf: (peer) => peerLagsMs.get(peer),
  });
});

describe('a leader whose thread lags', () => {
  test('hands over to the voter that misses least of the log', () => {
    expect(abdication.heir(leader([peer(2, 90), peer(3, 100)]))).toBe(3);
    expect(abdication.count).toBe(1);
  });

  test('stays while the delay is within a quarter of the election timeout', () => {
    lagMs = 250;
    expect(abdication.heir(leader([peer(2), peer(3)]))).toBeUndefined();
  });

  test('does not hand over to one that lags as well, or of which nobody knows', () => {
    peerLagsMs = new Map([[2, 300]]);
    expect(abdication.heir(leader([peer(2), peer(3)]))).toBeUndefined();
    expect(abdication.count).toBe(0);
  });

  test.each<[string, Partial<PeerStatus>]>([
    ['silent', { contactTicks: electionTicks / 2 }],
    ['behind by a snapshot', { state: 'snapshot' }],
    ['in quarantine', { quarantined: true }],
    ['without room on its disk', { diskLow: true }],
  ])('does not hand over to a voter that is %s', (_what, fault) => {
    expect(abdication.heir(leader([{ ...peer(2), ...fault }]))).toBeUndefined();
  });

  test('does not hand over to a learner', () => {
    expect(abdication.heir(leader([peer(4)]))).toBeUndefined();
  });

  test('does so once a minute at most', () => {
    const status = leader([peer(2)]);
    expect(abdication.heir(status)).toBe(2);
    nowMs += 59_000;
    expect(abdication.heir(status)).toBeUndefined();
    nowMs += 1_000;
    expect(abdication.heir(status)).toBe(2);
  });

  test('a follower that lags hands nothing over', () => {
    expect(abdication.heir({ ...leader([peer(2)]), role: 'follower' })).toBeUndefined();
  });
});

function leader(peers: readonly PeerStatus[]): Reign {
  const configuration = { ...emptyConfiguration, voters: [1, 2, 3].map(memberId), learners: [memberId(4)] };
  return { role: 'leader', transferee: undefined, configuration, peers };
}

function peer(id: number, match = 100): PeerStatus {
  return {
    id: memberId(id),
    state: 'replicate',
    match: logIndex(match),
    next: logIndex(match + 1),
    inflightAppends: 0,
    inflightBytes: 0,
    contactTicks: 1,
    quarantined: false,
    diskLow: false,
    snapshotOffset: undefined,
    caughtUp: true,
  };
}
