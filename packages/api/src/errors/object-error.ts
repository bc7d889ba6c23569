import { ApiError } from './api-error.ts';

/** The resource part of a URL: what messages call `pods` or `deployments.apps`. */
export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

export function qualifiedResource({ group, resource }: GroupResource): string {
  return group === '' ? resource : `${resource}.${group}`;
}

export function notFound(resource: GroupResource, name: string): ApiError {
  return new ApiError('NotFound', `${qualifiedResource(resource)} "${name}" not found`, details(resource, name));
}

export function alreadyExists(resource: GroupResource, name: string): ApiError {
  return new ApiError(
    'AlreadyExists',
    `${qualifiedResource(resource)} "${name}" already exists`,
    details(resource, name),
  );
}

/** All tries to find a free name for `generateName` met existing objects. */
export function generateNameConflict(resource: GroupResource, name: string): ApiError {
  return new ApiError(
    'AlreadyExists',
    `${qualifiedResource(resource)} "${name}" already exists, the server was not able to generate a unique name for the object`,
    { ...details(resource, name), retryAfterSeconds: 1 },
  );
}

export function conflict(resource: GroupResource, name: string, why: string): ApiError {
  return new ApiError(
    'Conflict',
    `Operation cannot be fulfilled on ${qualifiedResource(resource)} "${name}": ${why}`,
    details(resource, name),
  );
}

/** The sent resourceVersion is not the stored one. */
export function objectModified(resource: GroupResource, name: string): ApiError {
  return conflict(
    resource,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  );
}

/** A precondition on uid or resourceVersion did not hold. */
export function preconditionFailed(
  resource: GroupResource,
  name: string,
  field: 'UID' | 'ResourceVersion',
  wanted: string,
  found: string,
): ApiError {
  return conflict(
    resource,
    name,
    `Precondition failed: ${field} in precondition: ${wanted}, ${field} in object meta: ${found}`,
  );
}

/** Refused by a rule other than the requester's rights, e.g. `pods "x" is forbidden: …`. */
export function forbidden(resource: GroupResource, name: string, why: string): ApiError {
  const subject = name === '' ? qualifiedResource(resource) : `${qualifiedResource(resource)} "${name}"`;
  return new ApiError('Forbidden', `${subject} is forbidden: ${why}`, details(resource, name));
}

export interface AccessAttempt {
  readonly user: string;
  readonly verb: string;
  readonly resource: GroupResource;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** The requester lacks the right, in the sentence that `kubectl` users know. */
export function accessDenied({ user, verb, resource, subresource, namespace, name }: AccessAttempt): ApiError {
  const full = subresource === undefined ? resource.resource : `${resource.resource}/${subresource}`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return forbidden(
    resource,
    name ?? '',
    `User "${user}" cannot ${verb} resource "${full}" in API group "${resource.group}" ${where}`,
  );
}

/** Denied access to a path that is no resource. */
export function pathDenied(user: string, verb: string, path: string): ApiError {
  return new ApiError('Forbidden', `forbidden: User "${user}" cannot ${verb} path "${path}"`, {});
}

/** The verb exists in HTTP, not on this resource. */
export function methodNotAllowed(resource: GroupResource, verb: string): ApiError {
  return new ApiError(
    'MethodNotAllowed',
    `${verb} is not supported on resources of kind "${qualifiedResource(resource)}"`,
    details(resource, ''),
  );
}

/** The voluntary eviction would break a disruption budget; kubectl tries again every 5 s. */
export function disruptionBudgetExceeded(why: string): ApiError {
  return new ApiError('TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message: why }],
  });
}

function details(resource: GroupResource, name: string) {
  return {
    ...(name === '' ? {} : { name }),
    ...(resource.group === '' ? {} : { group: resource.group }),
    kind: resource.resource,
  };
}
