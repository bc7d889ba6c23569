import type { FaultList } from '../../errors/fault-list.ts';
import { checkPortName } from '../../text/name-format.ts';
import type { Lifecycle, LifecycleHandler } from './container-lifecycle.ts';
import type { HTTPGetAction, Probe, ProbeHandler } from './container-probe.ts';

const headerName = /^[-A-Za-z0-9]+$/;

export function checkProbe(probe: Probe, faults: FaultList): void {
  checkHandler(probe, [probe.exec, probe.httpGet, probe.tcpSocket, probe.grpc], faults);
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0) {
    faults.invalid('terminationGracePeriodSeconds', grace, 'must be greater than 0');
  }
}

export function checkLifecycle(lifecycle: Lifecycle, faults: FaultList): void {
  for (const name of ['postStart', 'preStop'] as const) {
    const handler = lifecycle[name];
    if (handler === undefined) continue;
    faults.within(name, () => {
      checkHandler(handler, [handler.exec, handler.httpGet, handler.tcpSocket, handler.sleep], faults);
    });
  }
}

/** A port by number or by name. */
export function checkPortReference(field: string, port: number | string | undefined, faults: FaultList): void {
  if (typeof port === 'number') {
    if (port < 1 || port > 65535) faults.invalid(field, port, 'must be between 1 and 65535, inclusive');
  } else if (port !== undefined) {
    const fault = port === '' ? 'must contain at least one letter (a-z)' : checkPortName(port);
    if (fault !== undefined) faults.invalid(field, port, fault);
  }
}

function checkHandler(
  handler: ProbeHandler | LifecycleHandler,
  actions: readonly (object | undefined)[],
  faults: FaultList,
): void {
  const given = actions.filter((action) => action !== undefined).length;
  if (given === 0) faults.required('', 'must specify a handler type');
  if (given > 1) faults.forbidden('', 'may not specify more than 1 handler type');
  if (handler.exec !== undefined && (handler.exec.command ?? []).length === 0) faults.required('exec.command');
  if (handler.tcpSocket !== undefined) checkPortReference('tcpSocket.port', handler.tcpSocket.port, faults);
  if (handler.httpGet !== undefined) checkHttpGet(handler.httpGet, faults);
}

function checkHttpGet(action: HTTPGetAction, faults: FaultList): void {
  checkPortReference('httpGet.port', action.port, faults);
  action.httpHeaders?.forEach(({ name }, index) => {
    if (name === undefined || name === '' || headerName.test(name)) return;
    const rule =
      "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation " +
      "is '[-A-Za-z0-9]+')";
    faults.invalid(`httpGet.httpHeaders[${index}].name`, name, rule);
  });
}
