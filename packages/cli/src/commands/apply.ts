import { deepEqual, kindOfObject, PatchError, threeWayPatch } from '@berth/api';
import type { World } from '@berth/world';
import { type ApiClient, ApiFailure } from '../client/api-client.ts';
import { loadManifests, type Manifest, type ManifestObject } from '../client/manifests.ts';
import { discover, pathOf, qualifiedName, type ResourceInfo, type Target, targetOf } from '../client/resources.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { appliedBefore, withAppliedRecord } from './applied-record.ts';
import { failureLine } from './failure-line.ts';

export interface ApplyOptions {
  readonly namespace?: string;
  readonly dryRun: boolean;
}

interface LiveObject {
  readonly metadata: {
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** Somebody else may write between our read and our patch: so often we read again. */
const attemptsMax = 5;
const firstPauseMs = 50;

/**
 * `berth apply -f FILE`: creates what is not there, and changes what is by a three-way merge with what was applied last, as kubectl does on its
 * side of the wire. One line per object; an object that is refused does not stop the others, but makes the exit code 1.
 */
export async function apply(
  client: ApiClient,
  terminal: Terminal,
  world: World,
  files: readonly string[],
  options: ApplyOptions,
): Promise<number> {
  const manifests = await loadManifests(files);
  const known = await discover(client);
  let exitCode = 0;
  for (const manifest of manifests) {
    try {
      terminal.line(await applyOne({ client, terminal, world, known, options }, manifest));
    } catch (error) {
      for (const line of refusalLines(manifest, error)) terminal.error(line);
      exitCode = 1;
    }
  }
  return exitCode;
}

interface ApplyCommand {
  readonly client: ApiClient;
  readonly terminal: Terminal;
  readonly world: World;
  readonly known: readonly ResourceInfo[];
  readonly options: ApplyOptions;
}

/** `deployment.apps/web configured`. */
async function applyOne(command: ApplyCommand, { object }: Manifest): Promise<string> {
  const { client, known, options, world } = command;
  const target = targetOf(known, object, { asked: options.namespace, usual: client.namespace });
  const wanted = withAppliedRecord(object, target.namespace);
  for (let attempt = 1; ; attempt++) {
    try {
      const outcome = await applyOnce(command, target, wanted);
      return `${qualifiedName(target.resource)}/${target.name} ${outcome}${options.dryRun ? ' (server dry run)' : ''}`;
    } catch (error) {
      const isRace = error instanceof ApiFailure && error.code === 409;
      if (!isRace || attempt >= attemptsMax) throw error;
      await world.timers.sleep(firstPauseMs * attempt);
    }
  }
}

async function applyOnce(
  command: ApplyCommand,
  target: Target,
  wanted: ManifestObject,
): Promise<'created' | 'configured' | 'unchanged'> {
  const { client, options, terminal } = command;
  const query = {
    fieldManager: 'berth-apply',
    fieldValidation: 'Strict',
    dryRun: options.dryRun ? 'All' : undefined,
  };
  const path = pathOf(target.resource, target.namespace, target.name);
  const current = await find(client, path);
  if (current === undefined) {
    await client.json({ method: 'POST', path: pathOf(target.resource, target.namespace), query, body: wanted });
    return 'created';
  }
  const applied = appliedBefore(current);
  if (applied === undefined) {
    terminal.error(
      `Warning: ${qualifiedName(target.resource)}/${target.name} was not made by apply: what the file does not name stays as it is`,
    );
  }
  const message = kindOfObject(wanted.apiVersion, wanted.kind)?.message;
  const body = threeWayPatch(message, { applied, current, wanted });
  if (Object.keys(body).length === 0) return 'unchanged';
  const contentType = message === undefined ? 'application/merge-patch+json' : 'application/strategic-merge-patch+json';
  const answer = await client.json<LiveObject>({ method: 'PATCH', path, query, contentType, body });
  return isSame(current, answer, options.dryRun) ? 'unchanged' : 'configured';
}

async function find(client: ApiClient, path: string): Promise<LiveObject | undefined> {
  try {
    return await client.json<LiveObject>({ path });
  } catch (error) {
    if (error instanceof ApiFailure && error.code === 404 && error.reason === 'NotFound') return undefined;
    throw error;
  }
}

/** The server writes nothing when nothing changes. A dry run never gets a new version, so that its content has to tell. */
function isSame(before: LiveObject, after: LiveObject, dryRun: boolean): boolean {
  if (!dryRun) return before.metadata.resourceVersion === after.metadata.resourceVersion;
  const content = (object: LiveObject) => ({
    ...object,
    metadata: { ...object.metadata, resourceVersion: undefined, managedFields: undefined },
  });
  return deepEqual(content(before), content(after));
}

/** What was refused, with the places in the file that the refusal is about. */
function refusalLines(manifest: Manifest, error: unknown): readonly string[] {
  if (error instanceof PatchError) return [`${manifest.locate('')}: ${error.message}`];
  if (!(error instanceof ApiFailure)) throw error;
  const unknownFields = [...error.message.matchAll(/unknown field "([^"]+)"/g)].map(([, field]) => field);
  const fields = [...error.causes.map(({ field }) => field), ...unknownFields];
  const places = [...new Set(fields)].flatMap((field) =>
    field === undefined || field === '' ? [] : [`  ${manifest.locate(field)}: ${field}`],
  );
  return [`${manifest.source}: ${failureLine(error)}`, ...places];
}
