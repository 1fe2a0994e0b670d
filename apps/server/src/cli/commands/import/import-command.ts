import { DeviceId, type WorkspaceId } from '@fieldsync/contracts'
import { type AdminContext, importerContext, importRecords, type ServiceContext } from '@fieldsync/services'
import { type Command, Option } from 'commander'

import { parserOf, workspaceArgument } from '../../arguments.ts'
import { type Cli, COMMAND, type Outcome } from '../../cli.ts'
import { EXIT } from '../../exit-code.ts'
import { counted, shownText, table } from '../../table.ts'
import { type ExportedItem, type ReadExport, readExport } from './read-export.ts'

type ImportOptions = { as: DeviceId; dryRun?: boolean; json?: boolean }

const OUTCOMES = ['created', 'changed', 'unchanged', 'superseded', 'refused', 'listed'] as const

/** The outcome of one record of the file. `superseded`: the server has a later version. `listed`: not imported. */
type Row = { type: string; id: string; path: string; outcome: (typeof OUTCOMES)[number]; note: string }

const BATCH = 500

/** An outcome for people. */
const shownOutcome = (outcome: Row['outcome']): string => (outcome === 'listed' ? 'not imported' : outcome)

/** `import` */
export function addImportCommand(program: Command, cli: Cli): void {
  program
    .command('import')
    .description(
      'import the observations and recommendations of an export from a phone: for records that only the phone still has',
    )
    .addArgument(workspaceArgument())
    .argument('<file>', 'the export, as written by the field app or `client export`')
    .addOption(
      new Option('--as <device>', 'the admin device on whose behalf the records are written')
        .argParser(parserOf(DeviceId))
        .makeOptionMandatory(),
    )
    .option('--dry-run', 'show the outcome of each record without writing anything')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Each record is decided by the usual rules, so that a file may be imported twice, and after the phone has sent the same.
Changes of playbooks are listed and not imported. Exit code 1 when a record was refused.

Example:
  ${COMMAND} import ws_ridge fieldsync-dev_scout_1-2026-02-12.json --as dev_office --dry-run`,
    )
    .action((workspaceId: WorkspaceId, file: string, options: ImportOptions) =>
      cli.run({ newDatabase: false, pepper: false }, (ctx) =>
        importFile(cli, ctx, workspaceId, file, options),
      ),
    )
}

async function importFile(
  cli: Cli,
  admin: AdminContext,
  workspaceId: WorkspaceId,
  file: string,
  { as, dryRun = false }: ImportOptions,
): Promise<Outcome> {
  const ctx = await importerContext(admin, workspaceId, as)
  const read = await readExport(file)
  const rows = await importItems(cli, ctx, read, dryRun)
  for (const { reason: note, ...item } of read.listed) rows.push({ ...item, outcome: 'listed', note })
  markSuperseded(rows)
  const counts = Object.fromEntries(
    OUTCOMES.map((name) => [name, rows.filter(({ outcome }) => outcome === name).length]),
  )
  const said = OUTCOMES.filter((name) => counts[name] !== 0).map(
    (name) => `${counts[name] ?? 0} ${shownOutcome(name)}`,
  )
  const verdict = said.length === 0 ? 'The file contains no records.' : `${said.join(', ')}.`
  const refused = rows.some(({ outcome }) => outcome === 'refused')
  const lines = rows.map(({ outcome, type, id, note }) => [shownOutcome(outcome), type, id, shownText(note)])
  return {
    json: { file, workspaceId, as, dryRun, counts, records: rows },
    text: [
      ...(rows.length === 0 ? [] : [table(['outcome', 'type', 'record', 'note'], lines), '']),
      dryRun ? `Nothing was written. An import would result in: ${verdict}` : verdict,
    ].join('\n'),
    exitCode: refused ? EXIT.failed : EXIT.done,
  }
}

/** Observations first, since recommendations depend on them; each batch is one transaction. */
async function importItems(
  cli: Cli,
  ctx: ServiceContext,
  { items, writtenBy, sha256 }: ReadExport,
  dryRun: boolean,
): Promise<Row[]> {
  const ordered = [
    ...items.filter(({ type }) => type === 'observation'),
    ...items.filter(({ type }) => type === 'recommendation'),
  ]
  const rows: Row[] = []
  // A dry run writes no observations that the recommendations of a later batch could depend on.
  const wouldBeThere = new Set<string>()
  for (let from = 0; from < ordered.length; from += BATCH) {
    cli.progress(`${from} of ${counted(ordered.length, 'record')}`)
    const batch = ordered.slice(from, from + BATCH)
    const input = {
      observations: batch.flatMap((item) => (item.type === 'observation' ? [item.document] : [])),
      recommendations: batch.flatMap((item) => (item.type === 'recommendation' ? [item.document] : [])),
      writtenBy,
      fileSha256: sha256,
      dryRun,
    }
    const outcomes = await importRecords({ ctx, input })
    for (const [i, item] of batch.entries()) {
      const found = outcomes[i]
      if (!found) throw new Error(`no outcome of ${item.id}`)
      if (item.type === 'observation' && found.outcome !== 'refused') wouldBeThere.add(item.id)
      rows.push(rowOf(item, found, dryRun ? wouldBeThere : undefined))
    }
  }
  cli.progress('')
  return rows
}

function rowOf(
  item: ExportedItem,
  found: Awaited<ReturnType<typeof importRecords>>[number],
  wouldBeThere: ReadonlySet<string> | undefined,
): Row {
  const { type, id, path } = item
  if (found.outcome !== 'refused') return { type, id, path, outcome: found.outcome, note: '' }
  const isThere =
    found.code === 'RECOMMENDATION_ORPHAN' &&
    item.type === 'recommendation' &&
    wouldBeThere?.has(item.document.observationId)
  if (isThere) return { type, id, path, outcome: 'created', note: '' }
  const outcome = SUPERSEDED.has(found.code) ? 'superseded' : 'refused'
  return { type, id, path, outcome, note: `${found.code}: ${found.message}` }
}

const SUPERSEDED = new Set(['OBSERVATION_STALE_WRITE', 'RECOMMENDATION_STALE_WRITE'])

/** If the server has a later version from the same file, an earlier one is refused for that reason. */
function markSuperseded(rows: Row[]): void {
  const taken = new Set<string>()
  for (const row of rows.toReversed()) {
    const key = `${row.type} ${row.id}`
    if (row.outcome === 'refused' && taken.has(key)) row.outcome = 'superseded'
    else if (row.outcome !== 'refused' && row.outcome !== 'listed') taken.add(key)
  }
}
