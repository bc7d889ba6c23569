import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { agentV1 } from '@berth/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { staleFlows } from '../src/network/connection-tracking.ts';
import { formatHostPorts, hostPortsOf, parseHostPorts } from '../src/network/host-ports.ts';
import { nodeRuleset } from '../src/network/node-ruleset.ts';
import { emptyRuleset, type Ruleset, rulesetChange, rulesetReplacement } from '../src/network/ruleset.ts';
import { serviceRuleset } from '../src/network/service-ruleset.ts';
import { aPod } from './support/fake-node.ts';
import { endpoint, port, service } from './support/network-table.ts';

const localNodes = [{ nodeName: 'n1', podCidr: '10.244.1.0/24' }];

function ruleset(services: readonly agentV1.ServiceEntry[]): Ruleset {
  return serviceRuleset({ services, podCidrs: ['10.244.0.0/16'], localNodes, serviceCidr: '10.96.0.0/16' });
}

const two = [endpoint('10.244.1.2'), endpoint('10.244.2.2', { nodeName: 'n2' })];

test('a service is one look-up and one rule, whatever the number of its endpoints', () => {
  const { sets, chains } = ruleset([service([port(two)])]);
  const [[key, verdict] = ['', '']] = sets.get('addresses')?.elements ?? [];
  expect(key).toBe('10.96.0.10 . tcp . 80');
  const chain = chains.get(verdict.replace('goto ', ''));
  expect(chain?.rules).toEqual([
    'meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.244.1.2 . 8080, 1 : 10.244.2.2 . 8080 }',
  ]);
});

test('only endpoints of this machine can call themselves here', () => {
  expect([
    ...(ruleset([service([port(two)])])
      .sets.get('hairpins')
      ?.elements?.keys() ?? []),
  ]).toEqual(['10.244.1.2 . 10.244.1.2']);
});

test('endpoints outside of the pod network are known apart', () => {
  const { sets } = ruleset([service([port([...two, endpoint('192.0.2.7')])])]);
  expect([...(sets.get('other-endpoints')?.elements?.keys() ?? [])]).toEqual(['192.0.2.7']);
});

test('a service without endpoints is refused, one that is headless is not the kernel’s business', () => {
  const { sets } = ruleset([service([port([])]), service([port(two)], { name: 'bare', clusterIp: '' })]);
  expect([...(sets.get('refused')?.elements?.keys() ?? [])]).toEqual(['10.96.0.10 . tcp . 80']);
  expect(sets.get('addresses')?.elements?.size).toBe(0);
});

test('a change of one service touches nothing of the others', () => {
  const others = Array.from({ length: 50 }, (_, index) =>
    service([port(two)], { name: `s${index}`, clusterIp: `10.96.1.${index}` }),
  );
  const before = ruleset([...others, service([port(two)])]);
  const after = ruleset([...others, service([port([endpoint('10.244.1.9')])])]);
  const change = rulesetChange('t', before, after);
  expect(change.filter((command) => command.startsWith('add rule'))).toHaveLength(1);
  expect(change.length).toBeLessThan(6);
  expect(rulesetChange('t', after, after)).toEqual([]);
});

test('who was seen by a sticky service stays known when another endpoint comes', () => {
  const sticky = { affinitySeconds: 60 };
  const before = ruleset([service([port(two)], sticky)]);
  const after = ruleset([service([port([...two, endpoint('10.244.1.9')])], sticky)]);
  const change = rulesetChange('t', before, after).join('\n');
  expect(change.match(/add set/g)).toHaveLength(1);
  expect(change).not.toMatch(/delete set/);
});

/** A network namespace of our own, and the kernel's own judgement. */
function kernelAccepts(batches: readonly (readonly string[])[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'berth-rules-'));
  try {
    const files = batches.map((commands, index) => {
      const file = join(folder, `${index}.nft`);
      writeFileSync(file, `${commands.join('\n')}\n`);
      return file;
    });
    const script = [...files.map((file) => `nft -f ${file}`), 'nft -j list table ip t'].join(' && ');
    return execFileSync('unshare', ['--net', 'sh', '-c', script], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const someEndpoints = fc
  .uniqueArray(fc.integer({ min: 2, max: 6 }), { maxLength: 3 })
  .map((numbers) =>
    numbers.map((number) =>
      endpoint(`10.244.${number % 2 === 0 ? 1 : 2}.${number}`, { nodeName: number % 2 === 0 ? 'n1' : 'n2' }),
    ),
  );
const someService = fc.record({
  number: fc.integer({ min: 1, max: 4 }),
  endpoints: someEndpoints,
  udp: fc.boolean(),
  affinitySeconds: fc.constantFrom(0, 0, 600),
  nodePort: fc.boolean(),
  external: fc.boolean(),
  internalLocal: fc.boolean(),
  externalLocal: fc.boolean(),
});
const someTable = fc.uniqueArray(someService, { selector: ({ number }) => number, maxLength: 4 }).map((entries) =>
  entries.map((entry) =>
    service(
      [
        port(entry.endpoints, {
          protocol: entry.udp ? 'UDP' : 'TCP',
          nodePort: entry.nodePort ? 30_000 + entry.number : 0,
        }),
      ],
      {
        name: `s${entry.number}`,
        clusterIp: `10.96.0.${entry.number}`,
        affinitySeconds: entry.affinitySeconds,
        externalIps: entry.external ? [`198.51.100.${entry.number}`] : [],
        internalTrafficPolicy: entry.internalLocal ? 'Local' : 'Cluster',
        externalTrafficPolicy: entry.externalLocal ? 'Local' : 'Cluster',
      },
    ),
  ),
);

/** The table without what the kernel numbers as it likes. */
function normal(listing: string): string {
  const { nftables } = JSON.parse(listing) as { nftables: Record<string, { name?: string; chain?: string }>[] };
  const lines = nftables.map((entry) => JSON.stringify(entry, (key, value) => (key === 'handle' ? undefined : value)));
  return lines
    .filter((line) => !line.includes('metainfo'))
    .map(sortElements)
    .sort()
    .join('\n');
}

function sortElements(line: string): string {
  const entry = JSON.parse(line) as Record<string, { elem?: unknown[] }>;
  for (const value of Object.values(entry))
    value.elem?.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return JSON.stringify(entry);
}

test('the kernel takes every change, and ends where it would have been by a replacement', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(fc.array(someTable, { minLength: 2, maxLength: 5 }), (tables) => {
      const rulesets = tables.map(ruleset);
      const steps = rulesets.map((to, index) => {
        const from = rulesets[index - 1];
        return from === undefined ? rulesetReplacement('t', to) : rulesetChange('t', from, to);
      });
      const last = rulesets.at(-1) ?? emptyRuleset;
      const changed = kernelAccepts(steps.filter((step) => step.length > 0));
      expect(normal(changed)).toBe(normal(kernelAccepts([rulesetReplacement('t', last)])));
    }),
    { numRuns: 12 },
  );
});

test('the kernel takes the table of a node', () => {
  const ports = ['tcp:80:8080:', 'udp:53:5353:192.0.2.1']
    .flatMap(parseHostPorts)
    .map((each) => ({ ...each, podIp: '10.244.1.2' }));
  for (const nodeIps of [[], ['192.0.2.1', '192.0.2.2']]) {
    const wanted = nodeRuleset({ bridge: 'br-1', openedPorts: ports, nodeIps });
    expect(kernelAccepts([rulesetReplacement('t', wanted)])).toContain('192.0.2.1');
  }
});

test('host ports survive as a label; pods with the machine’s network have none', () => {
  const ports = [
    { containerPort: 80, hostPort: 8080 },
    { containerPort: 53, hostPort: 53, protocol: 'UDP', hostIP: '192.0.2.1' },
    { containerPort: 81 },
  ];
  const pod = aPod({ containers: [{ name: 'web', ports }] });
  expect(formatHostPorts(hostPortsOf(pod))).toBe('tcp:8080:80:,udp:53:53:192.0.2.1');
  expect(parseHostPorts(formatHostPorts(hostPortsOf(pod)))).toEqual(hostPortsOf(pod));
  expect(hostPortsOf(aPod({ hostNetwork: true, containers: pod.spec.containers }))).toEqual([]);
});

test('connections are cut when their endpoint has vanished; datagrams already when it takes no new ones', () => {
  const tables = (change: Partial<agentV1.Endpoint> | undefined, protocol: string) => {
    const endpoints = change === undefined ? [] : [endpoint('10.244.1.2', change)];
    return [service([port([...endpoints, endpoint('10.244.1.3')], { protocol })])];
  };
  const ending = { ready: false, serving: true, terminating: true };
  for (const [protocol, whenEnding] of [
    ['TCP', 0],
    ['UDP', 1],
  ] as const) {
    expect(staleFlows(tables({}, protocol), tables(ending, protocol))).toHaveLength(whenEnding);
    expect(staleFlows(tables({}, protocol), tables(undefined, protocol))).toEqual([
      { protocol: protocol.toLowerCase(), ip: '10.244.1.2', port: 8080 },
    ]);
  }
});
