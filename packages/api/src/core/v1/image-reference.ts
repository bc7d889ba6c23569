/** The tag of an image's name; `latest` when it has neither tag nor digest, undefined when it has a digest alone. */
export function imageTag(image: string): string | undefined {
  const [name = '', digest] = image.split('@');
  const lastPart = name.slice(name.lastIndexOf('/') + 1);
  const colon = lastPart.indexOf(':');
  if (colon !== -1) return lastPart.slice(colon + 1);
  return digest === undefined ? 'latest' : undefined;
}
