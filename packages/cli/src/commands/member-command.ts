import type { Command } from 'commander';
import { seconds } from './flag-values.ts';
import type { MemberAction } from './member.ts';
import type { ObjectCommands } from './object-commands.ts';

const changes: Readonly<Record<MemberAction, string>> = {
  promote: 'make a learner that has caught up a voter',
  demote: 'make a voter a learner that stays one',
  remove: 'take a member out for good; refused when the rest would have no quorum',
  transfer: 'hand the leadership to this member',
};

/** `berth member list|add|promote|demote|remove|transfer`. */
export function memberCommand(member: Command, { terminal, withClient }: ObjectCommands): void {
  member.description('servers of the control plane as members of its consensus group');
  member
    .command('list')
    .description('members, their roles, and who leads')
    .action(async () => withClient(async (client) => (await import('./member.ts')).listMembers(client, terminal)));
  member
    .command('add <name>')
    .description('print the command that starts a new member, with a token for it')
    .option('--ttl <time>', 'how long the token lives, e.g. 90m, 24h, 7d (default 24h)', seconds)
    .action(async (name: string, { ttl }: { readonly ttl?: number }) =>
      withClient(async (client) => (await import('./member.ts')).addMember(client, terminal, name, ttl)),
    );
  for (const [action, description] of Object.entries(changes) as [MemberAction, string][])
    member
      .command(`${action} <name>`)
      .description(description)
      .action(async (name: string) =>
        withClient(async (client) => (await import('./member.ts')).changeMember(client, terminal, action, name)),
      );
}
