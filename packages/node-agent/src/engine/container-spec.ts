/** Everything the engine is told when it makes a container; free of any engine's own vocabulary. */
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Replaces the image's entry point when given. */
  readonly entrypoint?: readonly string[];
  /** Replaces the image's arguments when given. */
  readonly arguments?: readonly string[];
  /** `NAME=value`. */
  readonly environment: readonly string[];
  readonly workingDir?: string;
  /** Only a container that makes its own namespaces may name itself. */
  readonly hostname?: string;
  /** Whose network namespace is used: the machine's, or another container's. */
  readonly network: NamespaceChoice;
  readonly ipc: NamespaceChoice | { readonly kind: 'shareable' };
  readonly pid: NamespaceChoice | { readonly kind: 'own' };
  readonly mounts: readonly BindMount[];
  readonly security: ContainerSecurity;
  readonly resources: ContainerResources;
  readonly terminal: { readonly tty: boolean; readonly stdin: boolean; readonly stdinOnce: boolean };
  readonly stopSignal?: string;
  /** Namespaced kernel settings of IPC, e.g. `kernel.shmmax`. */
  readonly sysctls: Readonly<Record<string, string>>;
  readonly log:
    | { readonly kind: 'none' }
    | { readonly kind: 'file'; readonly maxBytes: number; readonly maxFiles: number };
}

export type NamespaceChoice = { readonly kind: 'host' } | { readonly kind: 'container'; readonly containerId: string };

export interface BindMount {
  /** Path on the machine. */
  readonly source: string;
  /** Absolute path inside the container. */
  readonly target: string;
  readonly readOnly: boolean;
  readonly propagation: 'rprivate' | 'rslave' | 'rshared';
}

export interface ContainerSecurity {
  /** `uid`, `uid:gid` or empty for the image's choice. */
  readonly user: string;
  readonly supplementalGroups: readonly number[];
  readonly privileged: boolean;
  readonly addCapabilities: readonly string[];
  readonly dropCapabilities: readonly string[];
  readonly readOnlyRoot: boolean;
  readonly noNewPrivileges: boolean;
  readonly seccomp: 'default' | 'unconfined';
}

export interface ContainerResources {
  /** Relative weight; 1024 is one CPU's worth. */
  readonly cpuShares: number;
  /** Microseconds of CPU time in each period of 100 ms; 0 = no limit. */
  readonly cpuQuotaMicros: number;
  /** 0 = no limit. */
  readonly memoryBytes: number;
  /** 0 to 1000: the higher, the sooner the kernel ends it when memory runs out. */
  readonly oomScoreAdjust: number;
}
