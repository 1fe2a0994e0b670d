import type { FieldsyncClient } from '@fieldsync/client'
import type { Observation, Recommendation, ValidationIssue } from '@fieldsync/contracts'

import type { Outcome } from '../../cli.ts'
import { ClientError } from '../../client-error.ts'
import { counted, shownText } from '../../table.ts'
import { typed } from './device-folder.ts'
import type { ClientDevice } from './open-device.ts'
import { meantId, shortId } from './short-id.ts'

type Saved = Awaited<ReturnType<FieldsyncClient['saveObservation' | 'saveRecommendation']>>
type Decidable = 'observation' | 'recommendation'

const PAGE = 500

/** The observation that a person refers to. @throws ClientError if the device has no such one */
export async function meantObservation(device: ClientDevice, given: string): Promise<Observation> {
  const meant = await meantRecord(device, ['observation'], given)
  return 'observation' in meant ? meant.observation : nothing(given)
}

/** The recommendation that a person refers to. @throws ClientError if the device has no such one */
export async function meantRecommendation(device: ClientDevice, given: string): Promise<Recommendation> {
  const meant = await meantRecord(device, ['recommendation'], given)
  return 'recommendation' in meant ? meant.recommendation : nothing(given)
}

/** The record of one of these types that a person refers to. @throws ClientError if the device has no such one */
export async function meantRecord(
  { client }: ClientDevice,
  types: readonly Decidable[],
  given: string,
): Promise<{ observation: Observation } | { recommendation: Recommendation }> {
  const typeOf = new Map<string, Decidable>()
  for (const type of types) {
    for (const id of await idsOf(client, type, given)) typeOf.set(id, type)
  }
  const id = meantId([...typeOf.keys()], given)
  if (typeOf.get(id) === 'observation') {
    const view = await client.record('observation', id)
    return view === null ? nothing(given) : { observation: view.document }
  }
  const view = await client.record('recommendation', id)
  return view === null ? nothing(given) : { recommendation: view.document }
}

/** All ids of a type; the given one alone where the device has it. */
async function idsOf(client: FieldsyncClient, type: Decidable, given: string): Promise<string[]> {
  if ((await client.record(type, given)) !== null) return [given]
  const ids: string[] = []
  for (let after: string | undefined; ; after = ids.at(-1)) {
    const page = await client.records(type, { limit: PAGE, ...(after === undefined ? {} : { after }) })
    ids.push(...page.map(({ id }) => id))
    if (page.length < PAGE) return ids
  }
}

function nothing(given: string): never {
  throw new ClientError('NOT_FOUND', `The record ${given} was deleted.`)
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
