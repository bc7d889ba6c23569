/** What `GET /version` answers; `major` and `minor` are whole numbers. */
export interface ServerVersion {
  readonly major: string;
  readonly minor: string;
  readonly gitVersion: string;
  readonly gitCommit: string;
  readonly gitTreeState: string;
  readonly buildDate: string;
  readonly goVersion: string;
  readonly compiler: string;
  readonly platform: string;
}

/**
 * The Kubernetes minor release whose API this server offers: its kinds, defaults and messages. kubectl warns when its own
 * minor differs by more than one, so 1.33 suits the releases from 1.32 to 1.34 and is accepted by the others.
 */
export const serverVersion: ServerVersion = {
  major: '1',
  minor: '33',
  gitVersion: 'v1.33.0+berth',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: `node-${process.versions.node}`,
  platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
};
