import { get } from 'node:http';
import { text } from 'node:stream/consumers';

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** One request on a connection of its own, so that a service chooses a pod for each. Rejects when nobody answers in time. */
export function ask(url: string, timeoutMs = 2_000): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: timeoutMs }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body: body.trim() }), reject);
    });
    request.on('timeout', () => request.destroy(new Error(`${url} did not answer within ${timeoutMs} ms`)));
    request.on('error', reject);
  });
}

/** Who answers when one asks often: every different body, in order. */
export async function whoAnswers(url: string, times: number): Promise<readonly string[]> {
  const bodies = new Set<string>();
  for (let count = 0; count < times; count++) bodies.add((await ask(url)).body);
  return [...bodies].sort();
}
