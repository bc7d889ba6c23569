/** Paths inside volumes: relative, and never out of them. Answers undefined or what is wrong. */
export function checkRelativePath(path: string): string | undefined {
  if (path.startsWith('/')) return 'must be a relative path';
  return checkNoStepUp(path);
}

/** No part of the path may be `..`. */
export function checkNoStepUp(path: string): string | undefined {
  return path.split('/').includes('..') ? "must not contain '..'" : undefined;
}

/** Files of volumes made from keys may not hide the links that make their replacement atomic. */
export function checkVolumeFilePath(path: string): string | undefined {
  const fault = checkRelativePath(path);
  if (fault !== undefined) return fault;
  return path.startsWith('..') ? "must not start with '..'" : undefined;
}
