import type { Command } from 'commander';
import { oneOf, seconds } from './flag-values.ts';
import type { ObjectCommands } from './object-commands.ts';

interface CreateFlags {
  readonly role: 'server' | 'agent';
  readonly ttl?: number;
  readonly description?: string;
}

/** `berth token create|list|revoke`. */
export function tokenCommand(token: Command, { terminal, withClient }: ObjectCommands): void {
  token.description('tokens with which servers and agents join');
  token
    .command('create')
    .description('make a join token; it is shown this once')
    .requiredOption('--role <role>', 'server or agent', oneOf(['server', 'agent']))
    .option('--ttl <time>', 'how long it lives, e.g. 90m, 24h, 7d (default 24h)', seconds)
    .option('--description <text>', 'what it is for')
    .action(async ({ description, role, ttl: ttlSeconds }: CreateFlags) =>
      withClient(async (client) => {
        const { createToken } = await import('./token.ts');
        const wanted = {
          role,
          ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
          ...(description === undefined ? {} : { description }),
        };
        terminal.line((await createToken(client, wanted)).token);
        return 0;
      }),
    );
  token
    .command('list')
    .description('tokens and when they end; never their secrets')
    .action(async () => withClient(async (client) => (await import('./token.ts')).listTokens(client, terminal)));
  token
    .command('revoke <id>')
    .description('nobody can join with it any more')
    .action(async (id: string) =>
      withClient(async (client) => (await import('./token.ts')).revokeToken(client, terminal, id)),
    );
}
