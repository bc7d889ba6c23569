import { existsSync, readFileSync } from 'node:fs';
import { adminKubeconfigPath } from '@berth/control-plane';
import { parseDocument } from 'yaml';

export interface KubeconfigOptions {
  /** Of a server: the administrator's kubeconfig in there. */
  readonly dataDir?: string;
  /** `https://host:port` to put in place of the server's own address. */
  readonly server?: string;
}

/** The text of a kubeconfig: of the server with that data directory, or the one that all commands use. */
export function kubeconfigText(inUse: () => string, { dataDir, server }: KubeconfigOptions): string {
  const path = dataDir === undefined ? inUse() : adminKubeconfigPath(dataDir);
  if (!existsSync(path)) {
    throw new Error(
      dataDir === undefined
        ? `${path} is not there`
        : `${path} is not there: it is made when a server with this data directory starts`,
    );
  }
  const text = readFileSync(path, 'utf8');
  return server === undefined ? text : withServer(text, server, path);
}

/** Replaces the address of every cluster in the file, and nothing else. */
function withServer(text: string, server: string, path: string): string {
  if (!URL.canParse(server) || new URL(server).protocol !== 'https:')
    throw new Error(`--server must look like https://127.0.0.1:6443, got "${server}"`);
  const document = parseDocument(text);
  const clusters = document.toJS()?.clusters;
  if (!Array.isArray(clusters) || clusters.length === 0) throw new Error(`${path} names no cluster`);
  for (const index of clusters.keys()) document.setIn(['clusters', index, 'cluster', 'server'], server);
  return document.toString({ lineWidth: 0 });
}
