/** A time that the project promises for an idle machine. */
export interface TimePromise {
  readonly what: string;
  /** Upper limit, in milliseconds; a gate of `npm run bench:cluster`. */
  readonly gateMs: number;
}

type PromiseName =
  | 'demoAnswers'
  | 'containerKilled'
  | 'containerRemoved'
  | 'podDeleted'
  | 'nodeLost'
  | 'hostLost'
  | 'leaderLost';

/** The README and the acceptance table promise these. */
export const promises: Readonly<Record<PromiseName, TimePromise>> = {
  demoAnswers: { what: 'cluster start -> demo answers', gateMs: 15_000 },
  containerKilled: { what: 'docker kill -> container runs again', gateMs: 5_000 },
  containerRemoved: { what: 'docker rm -f -> container runs again', gateMs: 5_000 },
  podDeleted: { what: 'kubectl delete pod -> replacement Ready', gateMs: 5_000 },
  nodeLost: { what: 'agent and containers killed -> all pods Ready elsewhere', gateMs: 10_000 },
  hostLost: { what: 'isolated host killed -> all pods Ready elsewhere', gateMs: 10_000 },
  leaderLost: { what: 'leader killed -> next write acknowledged', gateMs: 2_000 },
};

/** How long a test waits: promises are for an idle machine, tests run on busy ones too. */
export function patience({ gateMs }: TimePromise): number {
  return 3 * gateMs;
}
