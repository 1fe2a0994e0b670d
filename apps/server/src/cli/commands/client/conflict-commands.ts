import { readFile } from 'node:fs/promises'

import type { FieldsyncClient } from '@fieldsync/client'
import {
  CONFLICT_CHOICES,
  type ConflictChoice,
  type FixedDocument,
  type Resolved,
} from '@fieldsync/sync-engine'
import { Argument, type Command } from 'commander'

import { type Cli, COMMAND } from '../../cli.ts'
import { ClientError } from '../../client-error.ts'
import { counted } from '../../table.ts'
import { asOption, typed } from './device-folder.ts'
import { meantConflict, type OpenConflict, openConflicts, shownConflict } from './open-conflict.ts'
import { onDevice } from './open-device.ts'
import { refusedWrite } from './saved-observation.ts'
import { shortId } from './short-id.ts'

const ANY_OF = new Intl.ListFormat('en', { type: 'disjunction' })

type GivenInput = { reason?: string; text?: string; document?: string }
type ResolveOptions = GivenInput & { as: string }

/** `client conflicts|resolve|resubmit`: none of them needs a network. */
export function addConflictCommands(group: Command, cli: Cli): void {
  group
    .command('conflicts')
    .description('the open conflicts: both versions side by side, and the commands that resolve each')
    .addOption(asOption())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} client conflicts`)
    .action(({ as }: { as: string }) =>
      onDevice(cli, as, async (device) => {
        const waiting = await openConflicts(device)
        const shown = waiting.map((conflict) => shownConflict(device, conflict))
        return { text: shown.length === 0 ? 'No conflicts are open.' : shown.join('\n\n'), json: waiting }
      }),
    )
  group
    .command('resolve')
    .description('resolve a conflict; the next sync sends the result')
    .argument('<id>', 'id of the conflict, or the end of its record’s id')
    .addArgument(new Argument('<resolution>', 'how, as listed by `conflicts`').choices(CONFLICT_CHOICES))
    .addOption(asOption())
    .option('--reason <text>', 'with `correct`: the reason')
    .option('--text <text>', 'with `correct`: another text than yours')
    .option('--document <file>', 'with `fix`: the repaired record, as a JSON file')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} client resolve 2M6RYB correct --reason "saw it myself"`)
    .action((given: string, resolution: ConflictChoice, { as, ...options }: ResolveOptions) =>
      onDevice(cli, as, async (device) => {
        const { client } = device
        const conflict = meantConflict(await openConflicts(device), given)
        const resolved = await resolveConflict(client.resolve, conflict, resolution, await inputOf(options))
        if (!resolved.ok) throw refusedWrite(resolved.issues)
        const { pending, conflicts, quarantined } = client.status()
        const { record } = resolved
        const next = pending > 0 ? `Send it:  ${typed(as, 'sync')}` : 'Nothing is left to send.'
        return {
          text: `Resolved ${conflict.name} by ${resolution}. ${next}`,
          json: { record, shortId: shortId(record.id), resolution, pending, conflicts, quarantined },
        }
      }),
    )
  addResubmitCommand(group, cli)
}

function addResubmitCommand(group: Command, cli: Cli): void {
  group
    .command('resubmit')
    .description('queue rejected records again, unchanged: all of them, or the given ones')
    .argument('[ids...]', 'ids of conflicts, or the ends of their records’ ids')
    .addOption(asOption())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} client resubmit`)
    .action((given: string[], { as }: { as: string }) =>
      onDevice(cli, as, async (device) => {
        const { client } = device
        const waiting = given.length > 0 ? await openConflicts(device) : []
        const ids = given.map((id) => meantConflict(waiting, id).id)
        const { resubmitted, refused } = await client.resolve.resubmitAll(given.length > 0 ? ids : undefined)
        const [first] = refused
        if (first && resubmitted.length === 0) throw refusedWrite(first.issues)
        const { pending, conflicts, quarantined } = client.status()
        const next = pending > 0 ? ` Send it:  ${typed(as, 'sync')}` : ''
        return {
          text: `Queued ${resubmitted.length} of ${counted(resubmitted.length + refused.length, 'rejected record')} again.${next}`,
          json: { resubmitted, refused, pending, conflicts, quarantined },
        }
      }),
    )
}

async function inputOf({ reason = '', text, document }: GivenInput): Promise<ResolutionInput> {
  return { reason, text, document: document === undefined ? undefined : await readDocument(document) }
}

async function readDocument(file: string): Promise<NonNullable<ResolutionInput['document']>> {
  try {
    const document: unknown = JSON.parse(await readFile(file, 'utf8'))
    // The engine validates it by the record's schema.
    if (typeof document === 'object' && document !== null) {
      return document as NonNullable<ResolutionInput['document']>
    }
  } catch (cause) {
    throw new ClientError('VALIDATION_ERROR', `${file} is not valid JSON.`, { cause })
  }
  throw new ClientError('VALIDATION_ERROR', `${file} does not contain a record.`)
}

/** What a resolution takes besides the conflict's id. */
type ResolutionInput = {
  readonly reason: string
  /** Another text than the losing one. */
  readonly text: string | undefined
  /** The repaired record. */
  readonly document: FixedDocument | undefined
}

/** Resolves a conflict in the way that a person names. @throws ClientError for what it does not allow, or lacks */
function resolveConflict(
  resolve: FieldsyncClient['resolve'],
  { id, name, yours, resolutions }: OpenConflict,
  choice: ConflictChoice,
  { reason, text, document }: ResolutionInput,
): Promise<Resolved> {
  if (!resolutions.includes(choice))
    throw new ClientError('VALIDATION_ERROR', `${name} can be resolved by ${ANY_OF.format(resolutions)}.`)
  if (choice === 'correct' && reason === '')
    throw new ClientError('VALIDATION_ERROR', 'Give the reason with --reason "…".')
  if (choice === 'fix' && document === undefined)
    throw new ClientError('VALIDATION_ERROR', 'Give the repaired record, a JSON file, with --document.')
  const { transcription } = 'rawNoteText' in yours ? yours : {}
  const changed = text !== undefined && transcription !== undefined
  const changes = changed && { changes: { rawNoteText: text, transcription: { ...transcription, text } } }
  return resolve.by(id, choice, {
    correction: { reason, ...changes },
    ...(document !== undefined && { document }),
  })
}
