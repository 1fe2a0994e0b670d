import type { LocalOnlyRecord } from '@fieldsync/sync-engine'
import type { Command } from 'commander'

import { type Cli, COMMAND } from '../../cli.ts'
import { ClientError } from '../../client-error.ts'
import { shownText, table } from '../../table.ts'
import { asOption, typed } from './device-folder.ts'
import { type ClientDevice, onDevice } from './open-device.ts'
import { refusedWrite } from './saved-observation.ts'
import { meantId, shortId } from './short-id.ts'
import { exportedText, writeExport } from './write-export.ts'

const LONGEST_NOTE = 60
const PAGE = 500

/** `client local-only|resend|discard|export`: what the server had and no longer has (ENG-41); none needs a network. */
export function addLocalOnlyCommands(group: Command, cli: Cli): void {
  group
    .command('local-only')
    .description('records, and versions of records, that the server no longer has')
    .addOption(asOption())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} client local-only`)
    .action(({ as }: { as: string }) =>
      onDevice(cli, as, async (device) => {
        const found = await localOnlyOf(device)
        const rows = found.map(({ type, id, own, hasServerVersion, document }) => [
          shortId(id),
          type,
          hasServerVersion ? 'a later version' : 'all of it',
          own ? 'this device' : 'another',
          shownText(summaryOf(document).slice(0, LONGEST_NOTE)),
        ])
        const next = `Resend your own:  ${typed(as, 'resend')}\nExport the others for an admin:  ${typed(as, 'export --file export.json')}`
        return {
          text:
            rows.length === 0
              ? 'The server has everything that this device has sent.'
              : `${table(['id', 'type', 'only here', 'by', 'content'], rows)}\n\n${next}`,
          json: found,
        }
      }),
    )
  group
    .command('resend')
    .description('queue a record that the server no longer has, or all that this device may send')
    .argument('[id]', 'id of the record, or its end')
    .addOption(asOption())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} client resend`)
    .action((given: string | undefined, { as }: { as: string }) =>
      onDevice(cli, as, async (device) => {
        const { localOnly } = device.client
        if (given === undefined) {
          const queued = await localOnly.resendOwn()
          const next = queued === 0 ? '' : ` Send them:  ${typed(as, 'sync')}`
          return { text: `Queued ${queued} records.${next}`, json: { queued } }
        }
        const record = await meantRecord(device, given)
        const outcome = await localOnly.resend(record)
        if (!outcome.ok) throw refusedWrite(outcome.issues)
        return {
          text: `Queued ${shortId(record.id)}. Send it:  ${typed(as, 'sync')}`,
          json: { queued: 1, record: outcome.record },
        }
      }),
    )
  group
    .command('discard')
    .description('discard a record, or a version, that only this device still has; this cannot be undone')
    .argument('<id>', 'id of the record, or its end')
    .addOption(asOption())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} client discard 2M6RYB`)
    .action((given: string, { as }: { as: string }) =>
      onDevice(cli, as, async (device) => {
        const record = await meantRecord(device, given)
        const outcome = await device.client.localOnly.discard(record)
        if (!outcome.ok) throw refusedWrite(outcome.issues)
        return { text: `Discarded ${shortId(record.id)}.`, json: { discarded: outcome.record } }
      }),
    )
  group
    .command('checkpoint')
    .description('print the newest checkpoint of the server’s audit, for `audit verify --witness`')
    .addOption(asOption())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} client checkpoint > witness.note`)
    .action(({ as }: { as: string }) =>
      onDevice(cli, as, async ({ client }) => {
        const note = await client.checkpoint()
        if (note === null) {
          throw new ClientError('NOT_FOUND', 'This device has no checkpoint yet: it gets one with a sync.')
        }
        // A note ends with a line feed, and so does what is printed.
        return { text: note.replace(/\n$/, ''), json: { note } }
      }),
    )
  group
    .command('export')
    .description('export everything that only this device has, as JSON, for `fieldsync import`')
    .addOption(asOption())
    .option('--file <file>', 'write to a new file instead of printing')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} client export --file export.json`)
    .action(({ as, file }: { as: string; file?: string }) =>
      onDevice(cli, as, async ({ client }) => {
        const exported = await client.exportQueue()
        if (file === undefined) return { text: JSON.stringify(exported, null, 2), json: exported }
        await writeExport(file, exported)
        const { entries, conflicts, localOnly } = exported
        const counts = { entries: entries.length, conflicts: conflicts.length, localOnly: localOnly.length }
        return {
          text: `Wrote ${exportedText({ ...counts, writes: counts.entries })} to ${file}.`,
          json: { file, ...counts },
        }
      }),
    )
}

async function localOnlyOf({ client }: ClientDevice): Promise<LocalOnlyRecord[]> {
  const found: LocalOnlyRecord[] = []
  for (;;) {
    const after = found.at(-1)
    const page = await client.localOnly.list({ limit: PAGE, ...(after && { after }) })
    found.push(...page)
    if (page.length < PAGE) return found
  }
}

async function meantRecord(device: ClientDevice, given: string): Promise<LocalOnlyRecord> {
  const found = await localOnlyOf(device)
  const id = meantId(
    found.map((record) => record.id),
    given,
  )
  const record = found.find((each) => each.id === id)
  if (!record) throw new ClientError('NOT_FOUND', `Nothing on this device has the id ${id}.`)
  return record
}

function summaryOf(document: LocalOnlyRecord['document']): string {
  if ('rawNoteText' in document) return `${document.deviceId}: ${document.rawNoteText}`
  if ('patchId' in document) return document.reason
  return 'rules' in document ? `version ${document.version}` : document.action
}
