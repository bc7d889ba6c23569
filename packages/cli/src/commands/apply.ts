import type { ApiClient } from '../client/api-client.ts';
import type { Terminal } from '../terminal/terminal.ts';
export async function apply(_client: ApiClient, _terminal: Terminal, _files: readonly string[], _options: unknown): Promise<number> { return 0; }
