import type { FieldsyncClient } from '@fieldsync/client'
import type { Observation, ValidationIssue } from '@fieldsync/contracts'

import type { Outcome } from '../../cli.ts'
import { ClientError } from '../../client-error.ts'
import { counted, shownText } from '../../table.ts'
import { typed } from './device-folder.ts'
import type { ClientDevice } from './open-device.ts'
import { meantId, shortId } from './short-id.ts'

type Saved = Awaited<ReturnType<FieldsyncClient['saveObservation']>>

const PAGE = 500

/** The observation that a person refers to. @throws ClientError if the device has no such one */
export async function meantObservation({ client }: ClientDevice, given: string): Promise<Observation> {
  const exact = await client.record('observation', given)
  if (exact !== null) return exact.document
  const ids: string[] = []
  for (let after: string | undefined; ; after = ids.at(-1)) {
    const page = await client.records('observation', {
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    })
    ids.push(...page.map(({ id }) => id))
    if (page.length < PAGE) break
  }
  const view = await client.record('observation', meantId(ids, given))
  if (view === null) throw new ClientError('NOT_FOUND', `The observation ${given} was deleted.`)
  return view.document
}

/** The outcome of a write. @throws ClientError for one that was not stored */
export function savedOutcome({ as, client }: ClientDevice, saved: Saved, verb: string): Outcome {
  if (!saved.ok) throw refusedWrite(saved.issues)
  const { record, likelyConflict, conflictId } = saved
  const { pending } = client.status()
  const lines = [
    `${verb} ${shortId(record.id)} on this device. ${counted(pending, 'write waits', 'writes wait')} to be sent.`,
  ]
  if (conflictId !== null) {
    lines.push(`It was changed in the meantime. Choose between the two versions:  ${typed(as, 'conflicts')}`)
  } else if (likelyConflict !== null) {
    lines.push(`The server will probably not accept it: ${shownText(likelyConflict.message)}`)
  }
  const { id, status } = record
  return { text: lines.join('\n'), json: { id, shortId: shortId(id), status, likelyConflict, pending } }
}

/** What is wrong with a write, by field. */
export const refusedWrite = (issues: readonly ValidationIssue[]): ClientError =>
  new ClientError(
    'VALIDATION_ERROR',
    issues.map(({ path, message }) => `${path} ${message}`.trim()).join('\n'),
  )
