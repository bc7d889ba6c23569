/** One thing that must hold, as `/livez`, `/readyz` and `/healthz` list it. */
export interface HealthCheck {
  /** In kebab-case, e.g. `store-has-leader`. */
  readonly name: string;
  readonly ok: boolean;
  /** Why not, for the log; clients only see that it failed, unless it is meant for everybody. */
  readonly reason?: string;
  readonly disclosed?: true;
}

/** Asked anew for every probe; cheap and without waiting. */
export interface Readiness {
  /** Fails when only a restart helps. */
  live(): readonly HealthCheck[];
  /** Fails while requests should go to another server. */
  ready(): readonly HealthCheck[];
}
