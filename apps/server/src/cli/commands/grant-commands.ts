import {
  DeviceId,
  GRANT_ACTIONS,
  type GrantAction,
  GrantId,
  type GrantRecord,
  Instant,
  JsonPointer,
  MAX_PAGE_SIZE,
  PlaybookId,
  type WorkspaceId,
} from '@fieldsync/contracts'
import { allItems, createGrant, listGrants, revokeGrant, systemContext } from '@fieldsync/services'
import { Argument, type Command, Option } from 'commander'

import { parserOf, workspaceArgument } from '../arguments.ts'
import { type Cli, COMMAND } from '../cli.ts'
import { shownInstant, shownText, table } from '../table.ts'

type ListOptions = { of?: DeviceId; playbook?: PlaybookId; ended?: boolean }
type CreateOptions = {
  action: GrantAction[]
  path: string
  playbook?: PlaybookId
  from?: Instant
  until?: Instant
}

/** `grant list|create|revoke` */
export function addGrantCommands(program: Command, cli: Cli): void {
  const group = program
    .command('grant')
    .description('grants: who may change what in the playbooks, and until when')
  group
    .command('list')
    .description('list the grants of a workspace that were not ended, the newest first')
    .addArgument(workspaceArgument())
    .addOption(new Option('--of <device>', 'of one device or person').argParser(parserOf(DeviceId)))
    .addOption(playbookOption('of one playbook, with those of every playbook'))
    .option('--ended', 'those that were ended instead')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} grant list ws_ridge --of dev_agro_1`)
    .action((workspaceId: WorkspaceId, { of, playbook, ended }: ListOptions) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const ctx = await systemContext(admin, workspaceId)
        const state = ended === true ? 'ended' : 'present'
        const filter = { deviceId: of, playbookId: playbook, state, limit: MAX_PAGE_SIZE } as const
        const found = await allItems((page) => listGrants({ ctx, input: { ...filter, ...page } }))
        if (found.length === 0)
          return { json: found, text: `The workspace ${workspaceId} has no such grants.` }
        const rows = found.map((grant) => [
          grant.grantId,
          grant.deviceId,
          placeOf(grant),
          grant.actions.join(' '),
          periodOf(grant),
          grant.byRole ? 'its role' : (grant.grantedBy ?? 'the operator'),
          shownInstant(grant.revokedAt),
        ])
        return {
          json: found,
          text: table(['grant', 'holder', 'place', 'may', 'period', 'by', 'ended'], rows),
        }
      }),
    )
  group
    .command('create')
    .description('let a device or person change a part of the playbooks, for a time')
    .addArgument(workspaceArgument())
    .addArgument(new Argument('<device>', 'who is to hold it').argParser(parserOf(DeviceId)))
    .addOption(
      new Option('--action <action...>', 'what is allowed there')
        .choices(GRANT_ACTIONS)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--path <pointer>', 'JSON Pointer of the place; all below it is included')
        .argParser(parserOf(JsonPointer))
        .default('', 'a whole playbook'),
    )
    .addOption(playbookOption('in one playbook; by default in every one'))
    .addOption(new Option('--from <instant>', 'when it begins').argParser(parserOf(Instant)))
    .addOption(new Option('--until <instant>', 'when it ends').argParser(parserOf(Instant)))
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExample:\n  ${COMMAND} grant create ws_ridge dev_agro_1 --action edit --path /rules/rule_pm_moderate --until 2026-09-30T00:00:00Z`,
    )
    .action((workspaceId: WorkspaceId, deviceId: DeviceId, options: CreateOptions) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const { action: actions, path, playbook: playbookId, from: notBefore, until: expiresAt } = options
        const { document } = await createGrant({
          ctx: await systemContext(admin, workspaceId),
          input: { deviceId, playbookId, path, actions, notBefore, expiresAt },
        })
        const grant = document.toJSON()
        const text = `Granted to ${deviceId} from its next request on: ${grant.actions.join(', ')} at ${placeOf(grant)}, ${periodOf(grant)}.\nEnd it:  ${COMMAND} grant revoke ${workspaceId} ${grant.grantId}`
        return { json: { workspaceId, ...grant }, text }
      }),
    )
  group
    .command('revoke')
    .description('end a grant, from the next request of its holder on')
    .addArgument(workspaceArgument())
    .addArgument(new Argument('<grant>', 'its id, as grant list shows it').argParser(parserOf(GrantId)))
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExample:\n  ${COMMAND} grant revoke ws_ridge grt_6f1c0a4be77d4b9d8a52c0f3e1d2b3a4`,
    )
    .action((workspaceId: WorkspaceId, grantId: GrantId) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const ctx = await systemContext(admin, workspaceId)
        const { document } = await revokeGrant({ ctx, input: { grantId } })
        const { revokedAt, alreadyRevoked } = document.toJSON()
        const text = alreadyRevoked
          ? `The grant ${grantId} was ended already, at ${shownInstant(revokedAt)}.`
          : `Ended the grant ${grantId}.`
        return { json: { workspaceId, grantId, revokedAt, alreadyRevoked }, text }
      }),
    )
}

const playbookOption = (description: string) =>
  new Option('--playbook <playbook>', description).argParser(parserOf(PlaybookId))

const placeOf = ({ playbookId, path }: GrantRecord): string =>
  `${playbookId ?? 'every playbook'}${path === '' ? '' : ` ${shownText(path)}`}`

function periodOf({ notBefore, expiresAt }: GrantRecord): string {
  const from = notBefore === null ? '' : `from ${shownInstant(notBefore)}`
  const until = expiresAt === null ? '' : `until ${shownInstant(expiresAt)}`
  return [from, until].filter((each) => each !== '').join(' ') || 'without an end'
}
