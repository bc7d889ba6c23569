import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseQuantity, type Taint } from '@berth/api';
import { type AgentOptions, type LogLevel, logLevels } from './agent-options.ts';
import { parseIpv4 } from './network/ipv4.ts';
import type { ResourceList } from './node/node-resources.ts';

/** A flag has a value it must not have; the message names flag, value and what is wanted. */
export class FlagError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FlagError';
  }
}

export const agentUsage: string = `usage: berth agent --name NAME --data-dir DIR [flags]

  --name NAME             of the node
  --data-dir DIR          identity and volumes (default /var/lib/berth/agent)
  --runtime-dir DIR       what lives in memory (default /run/berth/NAME-...)
  --server URL            https://HOST:6443 of a server; may be repeated; needed to join
  --token TOKEN           join token of role agent; needed once
  --token-file FILE       the same, read from a file: command lines can be seen by others
  --node-ip ADDRESS       address of the node (default: the one that leads out of the machine)
  --create-node-ip        add that address to the node's own bridge (several nodes on one machine)
  --region NAME, --zone NAME
                          topology labels
  --label KEY=VALUE       may be repeated
  --taint KEY[=VALUE]:EFFECT
                          to register with; may be repeated
  --engine-socket PATH    of the Docker Engine (default /var/run/docker.sock)
  --machine-pid PID       a process that sees the engine's files, for an agent in a
                          container: 1 with the machine's process namespace
  --reserve RESOURCE=AMOUNT
                          kept back from pods, e.g. cpu=500m; may be repeated
  --max-pods N            (default 110)
  --metrics-listen HOST:PORT
                          metrics and health, on a loopback address only
  --log-level LEVEL       ${logLevels.join(', ')} (default info)
`;

const nameShape = /^[a-z0-9]([-a-z0-9.]{0,48}[a-z0-9])?$/;
const effects: ReadonlySet<string> = new Set(['NoSchedule', 'PreferNoSchedule', 'NoExecute']);

/** Throws a `FlagError`. */
export function parseAgentOptions(args: readonly string[]): AgentOptions {
  const values = parseFlags(args);
  const name = values.name ?? '';
  if (!nameShape.test(name)) {
    throw new FlagError(`--name must be a DNS-1123 subdomain of at most 50 characters, got ${JSON.stringify(name)}`);
  }
  const dataDir = resolve(values['data-dir'] ?? '/var/lib/berth/agent');
  const nodeIp = values['node-ip'];
  if (nodeIp !== undefined) checked('--node-ip', nodeIp, () => parseIpv4(nodeIp));
  const createNodeIp = values['create-node-ip'] ?? false;
  if (createNodeIp && nodeIp === undefined) throw new FlagError('--create-node-ip needs --node-ip');
  const metricsListen = values['metrics-listen'];
  if (metricsListen !== undefined) checkLoopback(metricsListen);
  return {
    name,
    dataDir,
    runtimeDir: resolve(values['runtime-dir'] ?? defaultRuntimeDir(name, dataDir)),
    servers: values.server ?? [],
    token: values.token ?? tokenOf(values['token-file']),
    nodeIp,
    createNodeIp,
    labels: { ...topology(values), ...Object.fromEntries((values.label ?? []).map((text) => pair('--label', text))) },
    taints: (values.taint ?? []).map(parseTaint),
    engineSocket: values['engine-socket'] ?? '/var/run/docker.sock',
    machinePid: values['machine-pid'] === undefined ? undefined : wholeNumber('--machine-pid', values['machine-pid']),
    reserved: parseReserved(values.reserve ?? []),
    podsMax: wholeNumber('--max-pods', values['max-pods'] ?? '110'),
    metricsListen,
    logLevel: parseLevel(values['log-level'] ?? 'info'),
  };
}

/** Two agents of one name on one machine (of two clusters) have different data directories. */
export function defaultRuntimeDir(name: string, dataDir: string): string {
  return `/run/berth/${name}-${createHash('sha256').update(dataDir).digest('hex').slice(0, 8)}`;
}

function tokenOf(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new FlagError(`--token-file ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

type FlagValues = ReturnType<typeof parseFlags>;

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: false,
      options: {
        name: { type: 'string' },
        'data-dir': { type: 'string' },
        'runtime-dir': { type: 'string' },
        server: { type: 'string', multiple: true },
        token: { type: 'string' },
        'token-file': { type: 'string' },
        'node-ip': { type: 'string' },
        'create-node-ip': { type: 'boolean' },
        region: { type: 'string' },
        zone: { type: 'string' },
        label: { type: 'string', multiple: true },
        taint: { type: 'string', multiple: true },
        'engine-socket': { type: 'string' },
        'machine-pid': { type: 'string' },
        reserve: { type: 'string', multiple: true },
        'max-pods': { type: 'string' },
        'metrics-listen': { type: 'string' },
        'log-level': { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new FlagError(error instanceof Error ? error.message : String(error));
  }
}

function topology({ region, zone }: FlagValues): Readonly<Record<string, string>> {
  return {
    ...(region === undefined ? {} : { 'topology.kubernetes.io/region': region }),
    ...(zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone }),
  };
}

function pair(flag: string, text: string): [string, string] {
  const at = text.indexOf('=');
  if (at <= 0) throw new FlagError(`${flag} must look like KEY=VALUE, got ${JSON.stringify(text)}`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function parseTaint(text: string): Taint {
  const at = text.lastIndexOf(':');
  const effect = text.slice(at + 1);
  const [key = '', value] = text.slice(0, Math.max(0, at)).split('=');
  if (at <= 0 || key === '' || !effects.has(effect)) {
    throw new FlagError(
      `--taint must look like KEY[=VALUE]:EFFECT with an effect of ${[...effects].join(', ')}, got ${JSON.stringify(text)}`,
    );
  }
  return { key, effect, ...(value === undefined ? {} : { value }) };
}

function parseReserved(texts: readonly string[]): ResourceList {
  return Object.fromEntries(
    texts.map((text) => {
      const [resource, amount] = pair('--reserve', text);
      checked('--reserve', text, () => parseQuantity(amount));
      return [resource, amount];
    }),
  );
}

/** There is nothing secret in metrics, but nothing that everybody should read either, and no TLS. */
function checkLoopback(text: string): void {
  const host = text.slice(0, text.lastIndexOf(':'));
  const isLoopback = host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
  if (!isLoopback || !/:\d{1,5}$/.test(text)) {
    throw new FlagError(
      `--metrics-listen must be HOST:PORT on a loopback address such as 127.0.0.1:9100, got ${JSON.stringify(text)}`,
    );
  }
}

function parseLevel(text: string): LogLevel {
  const level = logLevels.find((known) => known === text);
  if (level === undefined)
    throw new FlagError(`--log-level must be one of ${logLevels.join(', ')}, got ${JSON.stringify(text)}`);
  return level;
}

function wholeNumber(flag: string, text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text))
    throw new FlagError(`${flag} must be a whole number from 1, got ${JSON.stringify(text)}`);
  return Number(text);
}

function checked(flag: string, text: string, parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    throw new FlagError(`${flag} ${JSON.stringify(text)}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
