import type { ApiClient } from '../client/api-client.ts';
import type { Terminal } from '../terminal/terminal.ts';
export async function status(_client: ApiClient, _terminal: Terminal): Promise<number> { return 0; }
