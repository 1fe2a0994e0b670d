import {
  type PlaybookId,
  type Proposal,
  type PublishedVersion,
  RequiredText,
  type WorkspaceId,
} from '@fieldsync/contracts'
import {
  createPlaybook,
  getPlaybook,
  listPlaybookVersions,
  publishPlaybookVersion,
  retirePlaybook,
  rollBackPlaybook,
  type ServiceContext,
  ServiceError,
  systemContext,
} from '@fieldsync/services'
import { type Command, InvalidArgumentError, Option } from 'commander'

import { parserOf, playbookArgument, workspaceArgument } from '../../arguments.ts'
import { type Cli, COMMAND, type Outcome } from '../../cli.ts'
import { shownInstant, table } from '../../table.ts'
import { addProposalCommands } from './proposal-commands.ts'
import { readPlaybookFile } from './read-playbook-file.ts'

type Changing = { reason: string; base?: number }

/** `playbook export|history|publish|rollback|retire|proposals|approve|reject` */
export function addPlaybookCommands(program: Command, cli: Cli): void {
  const group = program
    .command('playbook')
    .description('playbooks: publish, roll back and retire them, and decide on proposals')
  group
    .command('export')
    .description('print a playbook as JSON: its active version, or another one')
    .addArgument(workspaceArgument())
    .addArgument(playbookArgument())
    .addOption(versionOption('--version-number <n>', 'an earlier version'))
    .addHelpText('after', `\nExample:\n  ${COMMAND} playbook export ws_ridge pbk_yolo_grape > playbook.json`)
    .action((workspaceId: WorkspaceId, playbookId: PlaybookId, options: { versionNumber?: number }) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const ctx = await systemContext(admin, workspaceId)
        const found = await getPlaybook({ ctx, input: { playbookId, version: options.versionNumber } })
        const { retiredAt: _, ...document } = found.toJSON()
        return { json: document, text: JSON.stringify(document, null, 2) }
      }),
    )
  group
    .command('history')
    .description('list the versions of a playbook, the newest first, with who made each and why')
    .addArgument(workspaceArgument())
    .addArgument(playbookArgument())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} playbook history ws_ridge pbk_yolo_grape`)
    .action((workspaceId: WorkspaceId, playbookId: PlaybookId) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const ctx = await systemContext(admin, workspaceId)
        const { items } = await listPlaybookVersions({ ctx, input: { playbookId, limit: 100 } })
        const found = items.toJSON()
        const rows = found.map(({ version, kind, deviceId, createdAt, reason }) => [
          String(version),
          kind ?? '–',
          deviceId ?? '–',
          shownInstant(createdAt),
          reason ?? '–',
        ])
        return { json: found, text: table(['version', 'kind', 'by', 'at', 'why'], rows) }
      }),
    )
  group
    .command('publish')
    .description('publish a playbook from a JSON file: the next version, or the first one of a new playbook')
    .addArgument(workspaceArgument())
    .argument('<file>', 'a playbook as JSON, such as an exported one that was edited')
    .addOption(reasonOption())
    .addOption(
      versionOption('--base <n>', 'the active version that it is based on; by default the file’s own'),
    )
    .option('--new', 'create the playbook; fails where there is one')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExample:\n  ${COMMAND} playbook publish ws_ridge playbook.json --reason "Limits of the new sprayer"`,
    )
    .action(async (workspaceId: WorkspaceId, file: string, options: Changing & { new?: boolean }) => {
      const { document, version } = await readPlaybookFile(file)
      const { reason } = options
      await cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const ctx = await systemContext(admin, workspaceId)
        if (options.new === true) {
          const made = await createPlaybook({ ctx, input: { document, reason } })
          return published(workspaceId, made.document.toJSON())
        }
        const baseVersion = options.base ?? version
        if (baseVersion === undefined)
          throw new ServiceError('VALIDATION_ERROR', `${file} names no version: say --base <n>, or --new.`)
        const input = { playbookId: document.playbookId, baseVersion, document, reason }
        const made = await publishPlaybookVersion({ ctx, input })
        return published(workspaceId, made.document.toJSON())
      })
    })
  group
    .command('rollback')
    .description('publish a new version with the content of an earlier one')
    .addArgument(workspaceArgument())
    .addArgument(playbookArgument())
    .addOption(versionOption('--to <n>', 'the earlier version').makeOptionMandatory())
    .addOption(versionOption('--base <n>', 'the active version; by default the present one'))
    .addOption(reasonOption())
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExample:\n  ${COMMAND} playbook rollback ws_ridge pbk_yolo_grape --to 3 --reason "The new limit was too high"`,
    )
    .action((workspaceId: WorkspaceId, playbookId: PlaybookId, options: Changing & { to: number }) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const ctx = await systemContext(admin, workspaceId)
        const baseVersion = options.base ?? (await activeVersion(ctx, playbookId))
        const input = { playbookId, baseVersion, toVersion: options.to, reason: options.reason }
        return published(workspaceId, (await rollBackPlaybook({ ctx, input })).document.toJSON())
      }),
    )
  group
    .command('retire')
    .description(
      'retire a playbook: it stays readable, and takes no patch until a version is published again',
    )
    .addArgument(workspaceArgument())
    .addArgument(playbookArgument())
    .addOption(versionOption('--base <n>', 'the active version; by default the present one'))
    .addOption(reasonOption())
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExample:\n  ${COMMAND} playbook retire ws_ridge pbk_yolo_grape --reason "The block was pulled out"`,
    )
    .action((workspaceId: WorkspaceId, playbookId: PlaybookId, options: Changing) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const ctx = await systemContext(admin, workspaceId)
        const baseVersion = options.base ?? (await activeVersion(ctx, playbookId))
        const input = { playbookId, baseVersion, reason: options.reason }
        return published(workspaceId, (await retirePlaybook({ ctx, input })).document.toJSON())
      }),
    )
  addProposalCommands(group, cli)
}

const reasonOption = () =>
  new Option('--reason <text>', 'why, for the history and the audit')
    .argParser(parserOf(RequiredText))
    .makeOptionMandatory()

const versionOption = (flags: string, description: string) =>
  new Option(flags, description).argParser((text: string): number => {
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be the number of a version.')
    return Number(text)
  })

async function activeVersion(ctx: ServiceContext, playbookId: PlaybookId): Promise<number> {
  return (await getPlaybook({ ctx, input: { playbookId } })).toJSON().version
}

const DONE = {
  creation: 'Created',
  publication: 'Published',
  rollback: 'Rolled back',
  retirement: 'Retired',
  patch: 'Patched',
} as const

function published(workspaceId: WorkspaceId, made: PublishedVersion | Proposal): Outcome {
  if ('proposalId' in made) {
    const next = `${COMMAND} playbook proposals ${workspaceId}`
    const text = `Proposed as ${made.proposalId}: in this workspace another person has to approve it.  ${next}`
    return { json: { workspaceId, ...made }, text }
  }
  const { playbookId, kind, newVersion } = made
  return {
    json: { workspaceId, ...made },
    text: `${DONE[kind]} ${playbookId}: version ${newVersion} is active.`,
  }
}
