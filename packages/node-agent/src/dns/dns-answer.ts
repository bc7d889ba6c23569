import type { Answer, Question } from 'dns-packet';
import type { ClusterZone, ZoneEntry } from './cluster-zone.ts';

/** Seconds a client may keep an answer. Short: endpoints move. */
const ttl = 5;

export type DnsAnswer =
  | {
      readonly kind: 'own';
      readonly rcode: DnsRcode;
      readonly answers: readonly Answer[];
      readonly authorities: readonly Answer[];
    }
  /** Not a name of the cluster. */
  | { readonly kind: 'ask-others' }
  /** A name of the cluster that stands for `target` outside; `answers` begin with the alias. */
  | { readonly kind: 'follow'; readonly answers: readonly Answer[]; readonly target: string };

/** As dns-packet writes them into the flags. */
export const dnsRcode = { noError: 0, serverFailure: 2, noSuchName: 3, notImplemented: 4, refused: 5 } as const;
export type DnsRcode = (typeof dnsRcode)[keyof typeof dnsRcode];

/** `shuffle` spreads clients that take the first address over all of them. */
export function dnsAnswer(
  zone: ClusterZone,
  question: Question,
  shuffle: <T>(items: readonly T[]) => readonly T[],
): DnsAnswer {
  const asked = withPoint(question.name.toLowerCase());
  if (question.type === 'PTR') return reverseAnswer(zone, question, asked);
  if (!zone.owns(asked)) return { kind: 'ask-others' };
  const { name } = question;
  if (asked === `dns-version.${zone.domain}`) return versionAnswer(zone, question);
  const entry = zone.find(asked);
  if (entry === undefined) return noRecords(zone, dnsRcode.noSuchName);
  if (entry.alias !== undefined) return aliasAnswer(zone, question, entry.alias, shuffle);
  const answers = recordsOf(entry, question.type, name, shuffle);
  return answers.length === 0 ? noRecords(zone, dnsRcode.noError) : own(answers);
}

function recordsOf(
  entry: ZoneEntry,
  type: Question['type'],
  name: string,
  shuffle: <T>(items: readonly T[]) => readonly T[],
): readonly Answer[] {
  if (type === 'A') return shuffle(entry.addresses).map((data) => ({ type: 'A', name, ttl, data }));
  if (type !== 'SRV') return [];
  const weight = Math.max(1, Math.floor(100 / Math.max(1, entry.services.length)));
  return entry.services.map(({ port, target }) => {
    return { type: 'SRV', name, ttl, data: { priority: 0, weight, port, target: withoutPoint(target) } };
  });
}

function aliasAnswer(
  zone: ClusterZone,
  question: Question,
  alias: string,
  shuffle: <T>(items: readonly T[]) => readonly T[],
): DnsAnswer {
  const link: Answer = { type: 'CNAME', name: question.name, ttl, data: withoutPoint(alias) };
  if (question.type === 'CNAME') return own([link]);
  if (!zone.owns(alias)) return { kind: 'follow', answers: [link], target: alias };
  // Within the cluster one step is followed; aliases of aliases are nothing that Kubernetes promises.
  const target = zone.find(alias);
  return own([link, ...(target === undefined ? [] : recordsOf(target, question.type, withoutPoint(alias), shuffle))]);
}

function reverseAnswer(zone: ClusterZone, question: Question, asked: string): DnsAnswer {
  const address = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa\.$/.exec(asked)?.slice(1).reverse().join('.');
  const name = address === undefined ? undefined : zone.nameOf(address);
  if (name !== undefined) return own([{ type: 'PTR', name: question.name, ttl, data: withoutPoint(name) }]);
  return zone.owns(asked) ? noRecords(zone, dnsRcode.noSuchName) : { kind: 'ask-others' };
}

function versionAnswer(zone: ClusterZone, { type, name }: Question): DnsAnswer {
  return type === 'TXT' ? own([{ type: 'TXT', name, ttl, data: '1.1.0' }]) : noRecords(zone, dnsRcode.noError);
}

function own(answers: readonly Answer[]): DnsAnswer {
  return { kind: 'own', rcode: dnsRcode.noError, answers, authorities: [] };
}

/** With the start of authority, so that resolvers may remember the absence, but not for long (RFC 2308). */
function noRecords(zone: ClusterZone, rcode: DnsRcode): DnsAnswer {
  const domain = withoutPoint(zone.domain);
  const authority: Answer = {
    type: 'SOA',
    name: domain,
    ttl,
    data: {
      mname: `ns.dns.${domain}`,
      rname: `hostmaster.${domain}`,
      serial: 1,
      refresh: 7200,
      retry: 1800,
      expire: 86_400,
      minimum: ttl,
    },
  };
  return { kind: 'own', rcode, answers: [], authorities: [authority] };
}

function withPoint(name: string): string {
  return name.endsWith('.') ? name : `${name}.`;
}

/** dns-packet writes names without the last point. */
function withoutPoint(name: string): string {
  return name.replace(/\.$/, '');
}
