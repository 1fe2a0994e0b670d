import {
  invitationLink,
  MAX_PAGE_SIZE,
  type PersonRecord,
  resetLink,
  type WorkspaceId,
} from '@fieldsync/contracts'
import {
  allItems,
  createResetLink,
  listPeople,
  openFirstPerson,
  ServiceError,
  systemContext,
} from '@fieldsync/services'
import { type Command, Option } from 'commander'

import { serverOption, workspaceArgument } from '../arguments.ts'
import { type Cli, COMMAND } from '../cli.ts'
import { shownInstant, shownText, table } from '../table.ts'

type LinkOptions = { server: string; days: string }

const DAY_SECONDS = 86_400

/** `user create-admin|reset-link|list`: people, who sign in to the console. */
export function addUserCommands(program: Command, cli: Cli): void {
  const group = program.command('user').description('people, who sign in to the console')
  group
    .command('create-admin')
    .description(
      'let an administrator in: print a one-time link, by which they choose name, address and password',
    )
    .addArgument(workspaceArgument())
    .addOption(serverOption(cli.environment))
    .addOption(
      new Option('--days <number>', 'how long the link is valid').choices(['1', '7', '30']).default('7'),
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExample:\n  ${COMMAND} user create-admin ws_ridge --server https://sync.example.com`,
    )
    .action((workspaceId: WorkspaceId, { server, days }: LinkOptions) =>
      cli.run({ newDatabase: false, pepper: true }, async (admin) => {
        const code = await openFirstPerson(admin, workspaceId, Number(days) * DAY_SECONDS)
        const link = invitationLink(server, code)
        return {
          json: { workspaceId, link },
          text: `This link lets one administrator of ${workspaceId} in, once, within ${days} days:\n\n  ${link}`,
        }
      }),
    )
  group
    .command('reset-link')
    .description('let a person set a new password: print a one-time link, valid for an hour')
    .addArgument(workspaceArgument())
    .argument('<email>', 'the address by which they sign in')
    .addOption(serverOption(cli.environment))
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} user reset-link ws_ridge rosa@example.com`)
    .action((workspaceId: WorkspaceId, email: string, { server }: LinkOptions) =>
      cli.run({ newDatabase: false, pepper: true }, async (admin) => {
        const ctx = await systemContext(admin, workspaceId)
        const person = (await peopleOf(ctx)).find((each) => each.email === email.toLowerCase())
        if (!person)
          throw new ServiceError('NOT_FOUND', `There is nobody with this address in ${workspaceId}.`)
        const input = { personId: person.personId, linkTo: (code: string) => resetLink(server, code) }
        const created = (await createResetLink({ ctx, input })).document.toJSON()
        return {
          json: created,
          text: `By this link ${shownText(person.name)} sets a new password, once, until ${shownInstant(created.expiresAt)}:\n\n  ${created.link}`,
        }
      }),
    )
  group
    .command('list')
    .description('list the people of a workspace, including those whose access has ended')
    .addArgument(workspaceArgument())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} user list ws_ridge`)
    .action((workspaceId: WorkspaceId) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const found = await peopleOf(await systemContext(admin, workspaceId))
        if (found.length === 0)
          return { json: found, text: `Nobody has access yet:  ${COMMAND} user create-admin ${workspaceId}` }
        const rows = found.map((each) => [
          shownText(each.name),
          shownText(each.email),
          each.role,
          each.twoFactor ? 'yes' : 'no',
          shownInstant(each.lastSignInAt),
          shownInstant(each.endedAt),
        ])
        const heading = ['name', 'address', 'role', 'second factor', 'last sign-in', 'access ended']
        return { json: found, text: table(heading, rows) }
      }),
    )
}

const peopleOf = (ctx: Awaited<ReturnType<typeof systemContext>>): Promise<PersonRecord[]> =>
  allItems((page) => listPeople({ ctx, input: { limit: MAX_PAGE_SIZE, ...page } }))
