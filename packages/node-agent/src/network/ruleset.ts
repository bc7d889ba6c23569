/** Contents of one nftables table, as names and texts of nft's own language. */
export interface Ruleset {
  /** Sets and maps by name. */
  readonly sets: ReadonlyMap<string, NamedSet>;
  readonly chains: ReadonlyMap<string, Chain>;
}

export interface NamedSet {
  readonly kind: 'set' | 'map';
  /** What stands between the braces of its declaration, e.g. `type ipv4_addr; flags interval;`. */
  readonly declaration: string;
  /** Elements by key; the value is empty in a set. Absent: the kernel fills the set itself, we never touch what is in it. */
  readonly elements?: ReadonlyMap<string, string>;
}

export interface Chain {
  /** For a chain that the kernel calls: `type nat hook output priority -110;`. */
  readonly hook?: string;
  readonly rules: readonly string[];
}

export const emptyRuleset: Ruleset = { sets: new Map(), chains: new Map() };

/**
 * The commands that turn a table from one ruleset into another, in an order in which the kernel accepts them; they are applied
 * as one transaction. Empty when nothing changes. What is not named stays as it is, filled sets included.
 */
export function rulesetChange(table: string, from: Ruleset, to: Ruleset): readonly string[] {
  const at = `ip ${table}`;
  const declarations: string[] = [];
  const rules: string[] = [];
  const removedElements: string[] = [];
  const addedElements: string[] = [];
  for (const [name, set] of to.sets) {
    const before = from.sets.get(name);
    if (before === undefined) declarations.push(`add ${set.kind} ${at} ${name} { ${set.declaration} }`);
    const { removed, added } = elementChange(before?.elements, set.elements);
    for (const part of inParts(removed)) removedElements.push(`delete element ${at} ${name} { ${part.join(', ')} }`);
    for (const part of inParts(added)) addedElements.push(`add element ${at} ${name} { ${part.join(', ')} }`);
  }
  for (const [name, chain] of to.chains) {
    const before = from.chains.get(name);
    if (before === undefined)
      declarations.push(`add chain ${at} ${name}${chain.hook === undefined ? '' : ` { ${chain.hook} }`}`);
    if (sameRules(before?.rules, chain.rules)) continue;
    if (before !== undefined) rules.push(`flush chain ${at} ${name}`);
    for (const rule of chain.rules) rules.push(`add rule ${at} ${name} ${rule}`);
  }
  // Before a chain or set can go, nothing may refer to it any more.
  const staleChains = [...from.chains.keys()].filter((name) => !to.chains.has(name));
  const staleSets = [...from.sets].filter(([name]) => !to.sets.has(name));
  return [
    ...declarations,
    ...removedElements,
    ...rules,
    ...addedElements,
    ...staleChains.map((name) => `flush chain ${at} ${name}`),
    ...staleChains.map((name) => `delete chain ${at} ${name}`),
    ...staleSets.map(([name, { kind }]) => `delete ${kind} ${at} ${name}`),
  ];
}

/** Replaces whatever the table holds. */
export function rulesetReplacement(table: string, to: Ruleset): readonly string[] {
  return [
    `add table ip ${table}`,
    `delete table ip ${table}`,
    `add table ip ${table}`,
    ...rulesetChange(table, emptyRuleset, to),
  ];
}

type Elements = ReadonlyMap<string, string>;

function elementChange(
  before: Elements | undefined,
  after: Elements | undefined,
): { removed: string[]; added: string[] } {
  const removed: string[] = [];
  const added: string[] = [];
  if (after === undefined) return { removed, added };
  for (const [key, value] of before ?? []) if (after.get(key) !== value) removed.push(key);
  for (const [key, value] of after) {
    if (before?.get(key) !== value) added.push(value === '' ? key : `${key} : ${value}`);
  }
  return { removed, added };
}

/** nft reads very long lines slowly. */
const elementsPerCommand = 500;

function* inParts(elements: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < elements.length; start += elementsPerCommand) {
    yield elements.slice(start, start + elementsPerCommand);
  }
}

function sameRules(before: readonly string[] | undefined, after: readonly string[]): boolean {
  return before?.length === after.length && before.every((rule, index) => rule === after[index]);
}
