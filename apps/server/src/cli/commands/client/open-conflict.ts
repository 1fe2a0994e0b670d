import { withoutPlaceholders } from '@fieldsync/domain'
import {
  type ConflictChoice,
  conflictChoices,
  conflictIssues,
  conflictWinner,
  type LocalConflict,
} from '@fieldsync/sync-engine'

import { ClientError } from '../../client-error.ts'
import { shownText, table } from '../../table.ts'
import { typed } from './device-folder.ts'
import type { ClientDevice } from './open-device.ts'
import { meantId, shortId } from './short-id.ts'

/** A conflict as a person sees it. */
export type OpenConflict = {
  /** How a person refers to it: the end of the record's id, and a number if the record has several. */
  readonly name: string
  readonly id: string
  readonly type: LocalConflict['type']
  readonly entityId: string
  readonly code: string
  readonly message: string
  readonly yours: LocalConflict['losing']
  readonly server: object | null
  readonly differences: DifferingField[]
  readonly resolutions: readonly ConflictChoice[]
}

const PAGE = 100

/** All conflicts that wait on a device, those of one record in the order in which it was written. */
export async function openConflicts(device: ClientDevice): Promise<OpenConflict[]> {
  const found: LocalConflict[] = []
  for (let after = ''; ; after = found.at(-1)?.id ?? '') {
    const page = await device.client.conflicts({ after, limit: PAGE })
    found.push(...page)
    if (page.length < PAGE) break
  }
  return Promise.all(found.map((conflict) => openConflictOf(device, conflict, found)))
}

/** The conflict that a person refers to. @throws ClientError for none, or for several */
export function meantConflict(waiting: readonly OpenConflict[], given: string): OpenConflict {
  const named = waiting.find(({ name, id }) => name.toLowerCase() === given.toLowerCase() || id === given)
  if (named !== undefined) return named
  const entityId = meantId([...new Set(waiting.map((each) => each.entityId))], given)
  const [first, second] = waiting.filter((each) => each.entityId === entityId)
  if (first === undefined) throw new ClientError('NOT_FOUND', `There is no open conflict of ${given}.`)
  if (second !== undefined) {
    const names = waiting.filter((each) => each.entityId === entityId).map(({ name }) => name)
    throw new ClientError(
      'VALIDATION_ERROR',
      `${given} has several conflicts: name one of ${names.join(', ')}.`,
    )
  }
  return first
}

/** A conflict with both versions side by side, and the commands that resolve it. */
export function shownConflict({ as }: ClientDevice, conflict: OpenConflict): string {
  const { name, type, code, message, differences, resolutions } = conflict
  const rows = differences.map(({ field, yours, server }) => [field, yours, server])
  const compared = rows.length === 0 ? 'Both versions are the same.' : table(['', 'yours', 'server'], rows)
  const commands = resolutions.map(
    (resolution) => `  ${typed(as, `resolve ${name} ${resolution}${WITH[resolution] ?? ''}`)}`,
  )
  return [
    `${name}  ${type}  ${code}`,
    shownText(message),
    '',
    compared,
    '',
    'Resolve it by',
    ...commands,
  ].join('\n')
}

const WITH: Partial<Record<ConflictChoice, string>> = {
  correct: ' --reason "…"',
  fix: ' --document repaired.json',
}

async function openConflictOf(
  { client }: ClientDevice,
  conflict: LocalConflict,
  all: readonly LocalConflict[],
): Promise<OpenConflict> {
  const { id, type, entityId, losing, place } = conflict
  const isOnly = all.filter((each) => each.entityId === entityId).length === 1
  const server = (await latestOfServer(client, conflict)) ?? reportedByServer(conflict)
  return {
    name: isOnly ? shortId(entityId) : `${shortId(entityId)}.${Number(place)}`,
    id,
    type,
    entityId,
    code: codeOf(conflict),
    message: messageOf(conflict),
    yours: losing,
    server,
    differences: differingFields(losing, server),
    resolutions: conflictChoices(conflict),
  }
}

/** What the device knows the server to have now. */
async function latestOfServer(
  client: ClientDevice['client'],
  { type, entityId }: LocalConflict,
): Promise<object | null> {
  switch (type) {
    case 'observation':
      return (await client.record('observation', entityId))?.server ?? null
    case 'recommendation':
      return (await client.record('recommendation', entityId))?.server ?? null
    case 'playbookPatch':
      return null
  }
}

/** What the conflict shows of the server: the version that won, or the playbook that a patch met. */
function reportedByServer(conflict: LocalConflict): object | null {
  const playbook = conflict.kind === 'server' ? conflict.conflict.playbook?.document : undefined
  return conflictWinner(conflict) ?? playbook ?? null
}

function codeOf(conflict: LocalConflict): string {
  if (conflict.kind === 'quarantine') return 'QUARANTINED'
  return conflict.kind === 'server' ? conflict.conflict.code : (conflict.code ?? 'DELETED')
}

function messageOf(conflict: LocalConflict): string {
  if (conflict.kind === 'quarantine') {
    return conflictIssues(conflict)
      .map(({ path, message }) => `${path} ${message}`.trim())
      .join('; ')
  }
  return conflict.kind === 'server' ? conflict.conflict.message : conflict.message
}

/** A field in which two versions of a record differ, as text; a dash where one has nothing. */
type DifferingField = { readonly field: string; readonly yours: string; readonly server: string }

// They are of no interest to a person, or repeat the note.
const NOT_SHOWN = new Set([
  'deterministicChecksum',
  'correction.correctionId',
  'correction.supersedes',
  'transcription.text',
])
const LONGEST = 48

/**
 * The fields in which the device's version and the server's differ; all of the device's if the server has none.
 * Unobserved values are excluded (SHP-13).
 */
export function differingFields(yours: unknown, server: unknown): DifferingField[] {
  const mine = leaves(withoutPlaceholders(yours))
  const theirs = leaves(withoutPlaceholders(server))
  return [...new Set([...mine.keys(), ...theirs.keys()])]
    .filter((field) => !NOT_SHOWN.has(field) && mine.get(field) !== theirs.get(field))
    .map((field) => ({ field, yours: shown(mine.get(field)), server: shown(theirs.get(field)) }))
}

/** Every leaf value of a record, by its path. */
function leaves(value: unknown, path: readonly string[] = [], found = new Map<string, string>()) {
  if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) leaves(inner, [...path, name], found)
  } else if (value !== undefined && path.length > 0) {
    found.set(path.join('.'), typeof value === 'string' ? value : JSON.stringify(value))
  }
  return found
}

function shown(text: string | undefined): string {
  if (text === undefined) return '-'
  const clean = shownText(text)
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST - 1)}…` : clean
}
