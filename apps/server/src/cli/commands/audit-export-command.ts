import { AuditInput, type WorkspaceId } from '@fieldsync/contracts'
import { AUDIT_CSV_HEADER, auditCsvLine } from '@fieldsync/domain'
import { exportAudit, systemContext } from '@fieldsync/services'
import { type Command, InvalidArgumentError, Option } from 'commander'

import { workspaceArgument } from '../arguments.ts'
import { type Cli, COMMAND } from '../cli.ts'
import { counted } from '../table.ts'

const FORMATS = ['jsonl', 'csv'] as const

type ExportOptions = Pick<AuditInput, 'action' | 'after' | 'from' | 'path' | 'to'> & {
  readonly format: (typeof FORMATS)[number]
  readonly device?: AuditInput['deviceId']
  readonly person?: string
  readonly record?: string
}

/** `audit export` */
export function addAuditExport(group: Command, cli: Cli): void {
  group
    .command('export')
    .description('print the audit of a workspace, oldest first: a line for each entry')
    .addArgument(workspaceArgument())
    .addOption(
      new Option('--format <format>', 'JSON Lines, or comma-separated values')
        .choices(FORMATS)
        .default('jsonl'),
    )
    .option('--from <instant>', 'from then on, as 2026-02-11T18:00:00Z', valueOf('from'))
    .option('--to <instant>', 'until before then', valueOf('to'))
    .option('--device <id>', 'by this device or service', valueOf('deviceId'))
    .option('--person <id>', 'by this person', valueOf('personId'))
    .option('--record <id>', 'about this record, playbook, patch or device', valueOf('recordId'))
    .option('--path <pointer>', 'edits of this place of a playbook', valueOf('path'))
    .option('--action <action>', 'of this kind, as sync.batch', valueOf('action'))
    .option('--after <entry>', 'continue after this entry; without a first line of names', valueOf('after'))
    .option('--json', 'the same as --format jsonl')
    .addHelpText(
      'after',
      `\nExamples:\n  ${COMMAND} audit export ws_ridge > audit.jsonl\n  ${COMMAND} audit export ws_ridge --format csv --from 2026-01-01T00:00:00Z --to 2027-01-01T00:00:00Z > 2026.csv\n  ${COMMAND} audit export ws_ridge --after 8121.0 >> audit.jsonl`,
    )
    .action((workspaceId: WorkspaceId, options: ExportOptions) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const ctx = await systemContext(admin, workspaceId)
        const isCsv = options.format === 'csv' && !cli.json
        if (isCsv && options.after === undefined) cli.io.out(AUDIT_CSV_HEADER)
        let count = 0
        let last = options.after
        try {
          for await (const entries of exportAudit({ ctx, input: filtersOf(options) })) {
            for (const entry of entries) cli.io.out(isCsv ? auditCsvLine(entry) : JSON.stringify(entry))
            count += entries.length
            last = entries.at(-1)?.entryId
            cli.progress(`${counted(count, 'entry', 'entries')}, up to ${entries.at(-1)?.at}`)
          }
        } catch (error) {
          if (last !== undefined) cli.io.err(`Stopped; continue with --after ${last}`)
          throw error
        }
        cli.progress('')
        if (cli.io.watched)
          cli.io.err(
            `Exported ${counted(count, 'entry', 'entries')}${last === undefined ? '' : `; the last is ${last}`}.`,
          )
        return undefined
      }),
    )
}

const filtersOf = ({ action, after, device, from, path, person, record, to }: ExportOptions) => {
  const given = { action, after, deviceId: device, from, path, personId: person, recordId: record, to }
  return AuditInput.parse(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  )
}

/** Reads an option as the input of the operation reads it. */
const valueOf =
  (name: keyof typeof AuditInput.shape) =>
  (text: string): string => {
    const parsed = AuditInput.shape[name].safeParse(text)
    if (parsed.success) return text
    throw new InvalidArgumentError(parsed.error.issues[0]?.message ?? 'is not valid')
  }
