const reference = /\$(\$|\(([^)]*)\))/g;

/** Replaces `$(NAME)` by its value; `$$` stands for `$`, and names without a value stay as they are (Kubernetes' rule). */
export function expandVariables(text: string, lookUp: (name: string) => string | undefined): string {
  if (!text.includes('$')) return text;
  return text.replace(reference, (whole: string, sign: string, name: string | undefined) => {
    if (sign === '$') return '$';
    return name === undefined ? whole : (lookUp(name) ?? whole);
  });
}
