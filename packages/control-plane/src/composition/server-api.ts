import { memberRoutes } from '../cluster/member-routes.ts';
import { serverRoutes } from '../cluster/server-routes.ts';
import { snapshotRoutes } from '../cluster/snapshot-routes.ts';
import { type ApiServer, createApiServer } from '../http/api-server.ts';
import { placementRoutes } from '../http/placement-routes.ts';
import type { RouteExtension, TlsOptions } from '../http/server-options.ts';
import { PlacementQuestions } from '../scheduling/placement-questions.ts';
import { authenticateByCertificate } from '../security/authentication.ts';
import { authorizeByGroup } from '../security/authorization.ts';
import { FailureLimiter } from '../security/failure-limiter.ts';
import { joinRoutes } from '../security/join-routes.ts';
import { JoinService } from '../security/join-service.ts';
import { nameClaims } from '../security/name-claims.ts';
import { tokenLedger } from '../security/token-ledger.ts';
import { tokenRoutes } from '../security/token-routes.ts';
import { clusterDirectory } from './cluster-admission.ts';
import type { ServerGround } from './server-ground.ts';
import type { ServerNodes } from './server-nodes.ts';
import type { ServerState } from './server-state.ts';

/** The HTTPS API, not listening yet. */
export async function openApi(
  ground: ServerGround,
  state: ServerState,
  { openTunnel }: ServerNodes,
  starting: AsyncDisposableStack,
): Promise<ApiServer> {
  const { certificate, log, metrics, options, world } = ground;
  const { cache, readiness, registry, self, store } = state;
  const tls = (): TlsOptions => ({
    key: certificate.current.privateKey,
    cert: certificate.current.certificate,
    ca: certificate.current.caCertificate,
    http2: options.http2,
  });
  const api = starting.use(
    await createApiServer({
      registry,
      store,
      cache,
      authenticate: authenticateByCertificate,
      authorize: authorizeByGroup,
      tls: tls(),
      openTunnel,
      readiness,
      metrics,
      world,
      log,
      clusterInfo: { serverName: self.name, advertisedAddress: self.apiAddress },
      extend: ownRoutes(ground, state),
    }),
  );
  starting.use(certificate.onChange(() => api.replaceCertificate(tls())));
  return api;
}

/** Berth's own paths beside the API of Kubernetes. */
function ownRoutes({ home, metrics, options, world }: ServerGround, state: ServerState): RouteExtension {
  const { self, store } = state;
  const { authority } = home;
  const ledger = tokenLedger(store, world, authority.hash);
  const service = new JoinService({
    authority,
    ledger,
    claims: nameClaims(store, world),
    limiter: new FailureLimiter(world.clock),
    cluster: clusterDirectory(state, home.settings, self),
    clock: world.clock,
  });
  return {
    open: (app) => joinRoutes(app, { service, caCertificate: authority.certificate }),
    guarded(app) {
      tokenRoutes(app, { ledger, clock: world.clock });
      serverRoutes(app, { store, self });
      memberRoutes(app, { group: state.group, self });
      snapshotRoutes(app, { group: state.group });
      placementRoutes(
        app,
        new PlacementQuestions({ cache: state.cache, schedulers: options.schedulers, timers: world.timers }),
      );
      app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()));
    },
  };
}
