const noLabels: Readonly<Record<string, string>> = {};

/** Labels of namespaces, for terms that select namespaces. Unknown namespaces have none. */
export class NamespaceTable {
  readonly #labels = new Map<string, Readonly<Record<string, string>>>();

  labelsOf(namespace: string): Readonly<Record<string, string>> {
    return this.#labels.get(namespace) ?? noLabels;
  }

  set(namespace: string, labels: Readonly<Record<string, string>>): void {
    this.#labels.set(namespace, labels);
  }

  remove(namespace: string): void {
    this.#labels.delete(namespace);
  }
}
