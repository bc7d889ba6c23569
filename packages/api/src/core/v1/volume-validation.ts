import type { FaultList } from '../../errors/fault-list.ts';
import { notServed } from '../../schema/field-facts.ts';
import { checkNoStepUp, checkRelativePath, checkVolumeFilePath } from '../../text/relative-path.ts';
import { checkFieldPath, checkResourceField, volumeFieldPaths } from './downward-fields.ts';
import { checkReference } from './reference-validation.ts';
import type { Volume, VolumeSource } from './volume.ts';
import type { DownwardAPIVolumeFile, KeyToPath } from './volume-configuration.ts';
import type { VolumeMount } from './volume-mount.ts';
import type { ProjectedVolumeSource, VolumeProjection } from './volume-projected.ts';

export function checkVolume(volume: Volume, faults: FaultList): void {
  const sources = Object.keys(volume).filter((name) => name !== 'name');
  if (sources.length === 0) faults.required('', 'must specify a volume type');
  for (const extra of sources.slice(1)) faults.forbidden(extra, 'may not specify more than 1 volume type');
  checkSource(volume, faults);
}

function checkSource(source: VolumeSource, faults: FaultList): void {
  const { hostPath, emptyDir, secret, configMap, downwardAPI, projected } = source;
  if (emptyDir?.sizeLimit !== undefined && emptyDir.medium !== 'Memory') {
    faults.forbidden('emptyDir.sizeLimit', notServed('size limits of directories on disk'));
  }
  const stepUp = hostPath?.path === undefined ? undefined : checkNoStepUp(hostPath.path);
  if (stepUp !== undefined) faults.invalid('hostPath.path', hostPath?.path, stepUp);
  if (secret !== undefined) {
    if (secret.secretName === undefined || secret.secretName === '') faults.required('secret.secretName');
    faults.within('secret', () => checkItems(secret.items, faults));
  }
  if (configMap !== undefined) {
    checkReference('configMap', configMap, faults);
    faults.within('configMap', () => checkItems(configMap.items, faults));
  }
  if (downwardAPI !== undefined) faults.within('downwardAPI', () => checkDownwardFiles(downwardAPI.items, faults));
  if (projected !== undefined) faults.within('projected', () => checkProjected(projected, faults));
}

function checkItems(items: readonly KeyToPath[] | undefined, faults: FaultList): void {
  items?.forEach(({ path }, index) => {
    checkFilePath(`items[${index}].path`, path, faults);
  });
}

function checkFilePath(field: string, path: string | undefined, faults: FaultList): void {
  const fault = path === undefined || path === '' ? undefined : checkVolumeFilePath(path);
  if (fault !== undefined) faults.invalid(field, path, fault);
}

function checkDownwardFiles(items: readonly DownwardAPIVolumeFile[] | undefined, faults: FaultList): void {
  items?.forEach(({ path, fieldRef, resourceFieldRef }, index) => {
    faults.within('items', () => {
      faults.within(index, () => {
        checkFilePath('path', path, faults);
        if (fieldRef === undefined && resourceFieldRef === undefined) {
          faults.required('fieldRef', 'one of fieldRef and resourceFieldRef is required');
        }
        if (fieldRef !== undefined && resourceFieldRef !== undefined) {
          faults.invalid(
            'resourceFieldRef',
            'resource',
            'fieldRef and resourceFieldRef can not be specified simultaneously',
          );
        }
        if (fieldRef !== undefined) checkFieldPath('fieldRef', fieldRef, volumeFieldPaths, faults);
        if (resourceFieldRef !== undefined) {
          checkResourceField('resourceFieldRef', resourceFieldRef, faults, { containerNeeded: true });
        }
      });
    });
  });
}

function checkProjected({ sources = [] }: ProjectedVolumeSource, faults: FaultList): void {
  const paths = new Set<string>();
  sources.forEach((source, index) => {
    faults.within('sources', () => {
      faults.within(index, () => checkProjection(source, paths, faults));
    });
  });
}

function checkProjection(source: VolumeProjection, paths: Set<string>, faults: FaultList): void {
  const { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle } = source;
  const given = [secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle].filter(
    (projection) => projection !== undefined,
  );
  if (given.length === 0) faults.required('', 'must specify one source');
  if (given.length > 1) faults.forbidden('', 'may not specify more than 1 volume type per source');
  for (const [name, projection] of Object.entries({ secret, configMap })) {
    if (projection === undefined) continue;
    checkReference(name, projection, faults);
    faults.within(name, () => checkItems(projection.items, faults));
  }
  if (downwardAPI !== undefined) faults.within('downwardAPI', () => checkDownwardFiles(downwardAPI.items, faults));
  checkFilePath('serviceAccountToken.path', serviceAccountToken?.path, faults);
  for (const path of projectedPaths(source)) {
    if (paths.has(path)) faults.invalid('path', path, `conflicting duplicate paths`);
    paths.add(path);
  }
}

function projectedPaths({ secret, configMap, downwardAPI, serviceAccountToken }: VolumeProjection): readonly string[] {
  const files = [...(secret?.items ?? []), ...(configMap?.items ?? []), ...(downwardAPI?.items ?? [])];
  const paths = files.map((file) => file.path).filter((path) => path !== undefined);
  return serviceAccountToken?.path === undefined ? paths : [...paths, serviceAccountToken.path];
}

export function checkVolumeMount(mount: VolumeMount, faults: FaultList): void {
  if (mount.mountPath?.includes(':')) faults.invalid('mountPath', mount.mountPath, "must not contain ':'");
  const fault = mount.subPath === undefined ? undefined : checkRelativePath(mount.subPath);
  if (fault !== undefined) faults.invalid('subPath', mount.subPath, fault);
  const exprFault = mount.subPathExpr === undefined ? undefined : checkRelativePath(mount.subPathExpr);
  if (exprFault !== undefined) faults.invalid('subPathExpr', mount.subPathExpr, exprFault);
  if (mount.subPath !== undefined && mount.subPathExpr !== undefined) {
    faults.invalid('subPathExpr', mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive');
  }
  if (mount.recursiveReadOnly !== undefined && mount.recursiveReadOnly !== 'Disabled') {
    faults.forbidden('recursiveReadOnly', `the mode ${mount.recursiveReadOnly} is not served by Berth yet`);
  }
}
