export type { Deployment, DeploymentCondition, DeploymentStatus } from './apps/v1/deployment.ts';
export { deployment } from './apps/v1/deployment.ts';
export type { DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment } from './apps/v1/deployment-spec.ts';
export type { ReplicaSet, ReplicaSetCondition, ReplicaSetSpec, ReplicaSetStatus } from './apps/v1/replica-set.ts';
export { replicaSet } from './apps/v1/replica-set.ts';
export type { Scale, ScaleSpec, ScaleStatus } from './autoscaling/v1/scale.ts';
export { scaleMessage } from './autoscaling/v1/scale.ts';
export type { Lease, LeaseSpec } from './coordination/v1/lease.ts';
export { lease } from './coordination/v1/lease.ts';
export type { Binding } from './core/v1/binding.ts';
export { bindingMessage } from './core/v1/binding.ts';
export type { ConfigMap } from './core/v1/config-map.ts';
export { configMap } from './core/v1/config-map.ts';
export type { Container, ContainerPort } from './core/v1/container.ts';
export type { Lifecycle, LifecycleHandler, SleepAction } from './core/v1/container-lifecycle.ts';
export type {
  ExecAction,
  GRPCAction,
  HTTPGetAction,
  HTTPHeader,
  Probe,
  ProbeHandler,
  TCPSocketAction,
} from './core/v1/container-probe.ts';
export type { ContainerResizePolicy, ResourceClaim, ResourceRequirements } from './core/v1/container-resources.ts';
export type {
  ContainerState,
  ContainerStateRunning,
  ContainerStateTerminated,
  ContainerStateWaiting,
  ContainerStatus,
  ContainerUser,
  LinuxContainerUser,
  ResourceHealth,
  ResourceStatus,
  VolumeMountStatus,
} from './core/v1/container-status.ts';
export type { EndpointAddress, EndpointPort, EndpointSubset, Endpoints } from './core/v1/endpoints.ts';
export { endpoints } from './core/v1/endpoints.ts';
export type {
  ConfigMapEnvSource,
  ConfigMapKeySelector,
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  ObjectFieldSelector,
  ResourceFieldSelector,
  SecretEnvSource,
  SecretKeySelector,
} from './core/v1/environment.ts';
export type { EphemeralContainer } from './core/v1/ephemeral-container.ts';
export type { Event, EventSeries, EventSource } from './core/v1/event.ts';
export { event } from './core/v1/event.ts';
export type { Namespace, NamespaceCondition, NamespaceSpec, NamespaceStatus } from './core/v1/namespace.ts';
export { namespace, namespaceFinalizer } from './core/v1/namespace.ts';
export type { Node, NodeSpec } from './core/v1/node.ts';
export { node } from './core/v1/node.ts';
export type {
  NodeAffinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PreferredSchedulingTerm,
} from './core/v1/node-affinity.ts';
export type {
  AttachedVolume,
  ConfigMapNodeConfigSource,
  ContainerImage,
  DaemonEndpoint,
  NodeAddress,
  NodeCondition,
  NodeConfigSource,
  NodeConfigStatus,
  NodeDaemonEndpoints,
  NodeFeatures,
  NodeRuntimeHandler,
  NodeRuntimeHandlerFeatures,
  NodeStatus,
  NodeSwapStatus,
  NodeSystemInfo,
} from './core/v1/node-status.ts';
export type { LocalObjectReference, ObjectReference } from './core/v1/object-reference.ts';
export type { Pod } from './core/v1/pod.ts';
export { pod } from './core/v1/pod.ts';
export type {
  Affinity,
  PodAffinity,
  PodAffinityTerm,
  PodAntiAffinity,
  WeightedPodAffinityTerm,
} from './core/v1/pod-affinity.ts';
export type { HostAlias, PodDNSConfig, PodDNSConfigOption } from './core/v1/pod-dns.ts';
export type { QosClass } from './core/v1/pod-qos.ts';
export { qosClass } from './core/v1/pod-qos.ts';
export type { PodOS, PodReadinessGate, PodResourceClaim, PodSchedulingGate, PodSpec } from './core/v1/pod-spec.ts';
export type { HostIP, PodCondition, PodIP, PodResourceClaimStatus, PodStatus } from './core/v1/pod-status.ts';
export type { PodSummary } from './core/v1/pod-summary.ts';
export { podSummary, restartsText } from './core/v1/pod-summary.ts';
export type { PodTemplateSpec } from './core/v1/pod-template.ts';
export type { Secret } from './core/v1/secret.ts';
export { secret } from './core/v1/secret.ts';
export type {
  AppArmorProfile,
  Capabilities,
  PodSecurityContext,
  SELinuxOptions,
  SeccompProfile,
  SecurityContext,
  Sysctl,
  WindowsSecurityContextOptions,
} from './core/v1/security-context.ts';
export type { Service } from './core/v1/service.ts';
export { service } from './core/v1/service.ts';
export type { ServiceAccount } from './core/v1/service-account.ts';
export { serviceAccount } from './core/v1/service-account.ts';
export type { ClientIPConfig, ServicePort, ServiceSpec, SessionAffinityConfig } from './core/v1/service-spec.ts';
export type { LoadBalancerIngress, LoadBalancerStatus, PortStatus, ServiceStatus } from './core/v1/service-status.ts';
export type { Taint, Toleration } from './core/v1/taint.ts';
export type { TopologySpreadConstraint } from './core/v1/topology-spread.ts';
export type { Volume, VolumeSource } from './core/v1/volume.ts';
export type {
  EphemeralVolumeSource,
  PersistentVolumeClaimSpec,
  PersistentVolumeClaimTemplate,
  PersistentVolumeClaimVolumeSource,
  TypedLocalObjectReference,
  TypedObjectReference,
  VolumeResourceRequirements,
} from './core/v1/volume-claim.ts';
export type {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  AzureFileVolumeSource,
  CinderVolumeSource,
  CSIVolumeSource,
  GCEPersistentDiskVolumeSource,
  ImageVolumeSource,
  PhotonPersistentDiskVolumeSource,
  VsphereVirtualDiskVolumeSource,
} from './core/v1/volume-cloud.ts';
export type {
  ConfigMapVolumeSource,
  DownwardAPIVolumeFile,
  DownwardAPIVolumeSource,
  KeyToPath,
  SecretVolumeSource,
} from './core/v1/volume-configuration.ts';
export type { EmptyDirVolumeSource, HostPathVolumeSource } from './core/v1/volume-local.ts';
export type { VolumeDevice, VolumeMount } from './core/v1/volume-mount.ts';
export type {
  CephFSVolumeSource,
  FCVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  GitRepoVolumeSource,
  GlusterfsVolumeSource,
  ISCSIVolumeSource,
  NFSVolumeSource,
  PortworxVolumeSource,
  QuobyteVolumeSource,
  RBDVolumeSource,
  ScaleIOVolumeSource,
  StorageOSVolumeSource,
} from './core/v1/volume-network.ts';
export type {
  ClusterTrustBundleProjection,
  ConfigMapProjection,
  DownwardAPIProjection,
  ProjectedVolumeSource,
  SecretProjection,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from './core/v1/volume-projected.ts';
export type {
  Endpoint,
  EndpointConditions,
  EndpointHints,
  EndpointSlice,
  EndpointSlicePort,
  ForNode,
  ForZone,
} from './discovery/v1/endpoint-slice.ts';
export { endpointSlice } from './discovery/v1/endpoint-slice.ts';
export { ApiError } from './errors/api-error.ts';
export { type Fault, type FaultKind, faultText, invalid } from './errors/fault.ts';
export { FaultList } from './errors/fault-list.ts';
export {
  type AccessAttempt,
  accessDenied,
  alreadyExists,
  conflict,
  disruptionBudgetExceeded,
  forbidden,
  type GroupResource,
  generateNameConflict,
  methodNotAllowed,
  notFound,
  objectModified,
  pathDenied,
  preconditionFailed,
  qualifiedResource,
} from './errors/object-error.ts';
export {
  badRequest,
  continueExpired,
  gone,
  internalError,
  notAcceptable,
  notImplemented,
  requestEntityTooLarge,
  resourceVersionTooLarge,
  resourceVersionTooOld,
  routeNotFound,
  serviceUnavailable,
  timedOut,
  tooManyRequests,
  unauthorized,
  unsupportedMediaType,
  verbNotAllowed,
} from './errors/request-error.ts';
export { type StatusReason, type StatusReasonFacts, statusReasons } from './errors/status-reason.ts';
export type { ApiObject, Stored, StoredMeta } from './kind/api-object.ts';
export type { GroupVersionKind, Kind, Subresource, Verb } from './kind/kind.ts';
export { type DecodedObject, decodeObject, strictDecodingError } from './kind/object-decode.ts';
export { encodeObject } from './kind/object-encode.ts';
export { applyObjectDefaults, prepareForCreate, prepareForUpdate, withStatus } from './kind/object-lifecycle.ts';
export { columnDefinitions, type IncludeObject, tableRow } from './kind/object-table.ts';
export { validateCreate, validateStatusUpdate, validateUpdate } from './kind/object-validation.ts';
export { type OpenApiDocument, openApiDocument } from './kind/openapi-document.ts';
export { decodeProtobufBody } from './kind/protobuf-envelope.ts';
export { fieldReader, unselectableFields } from './kind/selectable-fields.ts';
export type { Cell, Column } from './kind/table-column.ts';
export { kindOfName, kindOfObject, kindOfPath, kindOfResource, kinds, kindsOfCategory } from './kinds.ts';
export type { Condition } from './meta/v1/condition.ts';
export type { DeleteOptions, Preconditions } from './meta/v1/delete-options.ts';
export { deleteOptionsMessage } from './meta/v1/delete-options.ts';
export type { LabelSelector, LabelSelectorRequirement } from './meta/v1/label-selector.ts';
export type { ListMeta } from './meta/v1/list-meta.ts';
export type { ObjectList } from './meta/v1/object-list.ts';
export type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from './meta/v1/object-meta.ts';
export type { PartialObjectMetadata, PartialObjectMetadataList } from './meta/v1/partial-object-metadata.ts';
export { partialObjectMetadata } from './meta/v1/partial-object-metadata.ts';
export type { Status, StatusCause, StatusDetails } from './meta/v1/status.ts';
export type { Table, TableColumnDefinition, TableRow } from './meta/v1/table.ts';
export { applyJsonPatch } from './patch/json-patch.ts';
export { applyMergePatch } from './patch/merge-patch.ts';
export { PatchError, type PatchFault } from './patch/patch-error.ts';
export { applyStrategicMergePatch } from './patch/strategic-merge-patch.ts';
export { type AppliedVersions, threeWayPatch } from './patch/three-way-patch.ts';
export type { Eviction } from './policy/v1/eviction.ts';
export { evictionMessage } from './policy/v1/eviction.ts';
export { type IntOrString, percentOf, scaledValue } from './quantity/int-or-string.ts';
export {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  type Quantity,
  QuantityError,
  type QuantityStyle,
} from './quantity/quantity.ts';
export { cpuMillis, resourceAmount, wholeAmount } from './quantity/resource-amount.ts';
export { base64Decode, base64Encode } from './schema/base64.ts';
export { deepEqual } from './schema/deep-equal.ts';
export { applyDefaults } from './schema/defaulting.ts';
export { duplicateFields } from './schema/duplicate-fields.ts';
export { validateFields } from './schema/field-validation.ts';
export type { Draft, Message } from './schema/message.ts';
export { type Decoded, structuralDecode, type TypeFault } from './schema/structural-decode.ts';
export {
  type FieldRequirement,
  type FieldRequirements,
  matchesFields,
  parseFieldQuery,
} from './selector/field-query.ts';
export { parseLabelQuery, SelectorError } from './selector/label-query.ts';
export {
  type LabelOperator,
  type LabelRequirement,
  type LabelRequirements,
  type Labels,
  matchesLabels,
  printLabelRequirements,
  selectsEverything,
  selectsNothing,
} from './selector/label-requirement.ts';
export { labelSelectorTerms } from './selector/label-selector-match.ts';
export { formatAge, formatDuration } from './text/age.ts';
export { generatedName, nameSuffix, nameSuffixLength } from './text/name-suffix.ts';
export { podTemplateHash } from './text/pod-template-hash.ts';
export { formatMicroTime, formatTime, parseTime } from './text/time.ts';
