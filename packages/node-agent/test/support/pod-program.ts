import { execFile } from 'node:child_process';
import { engine } from './engine-node.ts';

/** Answers `hostname client-address` over HTTP at port 8080. */
export const whoServer: readonly string[] = [
  '/bin/sh',
  '-c',
  `trap 'exit 0' TERM
mkdir -p /tmp/www/cgi-bin
cat > /tmp/www/cgi-bin/who <<'EOF'
#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n'
echo "$(hostname) $REMOTE_ADDR"
EOF
chmod 755 /tmp/www/cgi-bin/who
httpd -f -p 0.0.0.0:8080 -h /tmp/www & wait $!`,
];

export const whoPath = '/cgi-bin/who';

/** Runs a Node program in the network of a pod, or of the machine without one. Resolves with what it printed. */
export async function runInNetwork(uid: string | undefined, script: string): Promise<string> {
  const node = [process.execPath, '--input-type=module', '-e', script];
  const [command = '', ...args] =
    uid === undefined ? node : ['nsenter', `--net=/proc/${await sandboxPid(uid)}/ns/net`, '--', ...node];
  return new Promise((resolve, reject) => {
    execFile(command, args, { timeout: 20_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim());
      else reject(new Error(`${stdout}${stderr}`));
    });
  });
}

async function sandboxPid(uid: string): Promise<number> {
  const found = await engine.list({ 'berth.dev/uid': uid, 'berth.dev/role': 'sandbox' });
  const running = found.find(({ state }) => state.kind === 'running');
  if (running?.state.kind !== 'running') throw new Error(`pod ${uid} has no running sandbox`);
  return running.state.pid;
}

/** Asks `url` `times` times, each on a connection of its own, and prints the answers or error codes, one a line. */
export function ask(url: string, times = 1): string {
  return `
    import { request } from 'node:http';
    const ask = () => new Promise((resolve) => {
      const call = request('${url}', { agent: false, timeout: 5000 }, (answer) => {
        let text = '';
        answer.on('data', (part) => { text += part; });
        answer.on('end', () => resolve(text.trim()));
      });
      call.on('timeout', () => call.destroy(new Error('timeout')));
      call.on('error', (error) => resolve(error.code ?? error.message));
      call.end();
    });
    for (let i = 0; i < ${times}; i += 1) console.log(await ask());`;
}
