import { hash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'

import {
  Instant,
  Observation,
  parseInput,
  PlaybookPatch,
  Recommendation,
  type ValidationIssue,
} from '@fieldsync/contracts'
import { ServiceError } from '@fieldsync/services'
import { z } from 'zod'

/** A record of an export that can be imported, with its position in the file as a JSON Pointer. */
export type ExportedItem =
  | { type: 'observation'; id: string; path: string; document: Observation }
  | { type: 'recommendation'; id: string; path: string; document: Recommendation }

/** What is listed and not imported, and why. */
type ListedItem = { type: string; id: string; path: string; reason: string }

export type ReadExport = {
  sha256: string
  /** The latest time at which records without a time of their own were written. */
  writtenBy: Instant
  /** In the order in which they were written. */
  items: ExportedItem[]
  listed: ListedItem[]
}

// About ten times the largest export of a phone: the file is read whole.
const MAX_BYTES = 256 * 1024 * 1024
const MAX_ISSUES = 100
const VERSION = 1

const text = z.string().max(1_000)
const Entry = z.looseObject({
  type: z.enum(['observation', 'recommendation', 'playbookPatch']),
  id: text,
  document: z.unknown(),
})
const Conflict = z.looseObject({
  kind: z.enum(['server', 'local', 'quarantine']),
  type: z.enum(['observation', 'recommendation', 'playbookPatch']),
  entityId: text,
  losing: z.unknown(),
  server: z.unknown().optional(),
})
const LocalOnly = z.looseObject({
  type: z.enum(['observation', 'recommendation', 'playbookPatch', 'playbook']),
  id: text,
  document: z.unknown(),
})
/**
 * An export of the field app or the command line; those without a header are from versions that wrote none (ENG-45).
 */
const ExportFile = z.looseObject({
  format: z.literal('fieldsync.export').optional(),
  version: z.int().min(1).optional(),
  exportedAt: Instant.optional(),
  entries: z.array(Entry),
  conflicts: z.array(Conflict),
  localOnly: z.array(LocalOnly).default([]),
})
type ExportFile = z.infer<typeof ExportFile>

/**
 * Reads an export completely, before anything is imported.
 *
 * @throws ServiceError VALIDATION_ERROR that names what is wrong with it and where, by JSON Pointers
 */
export async function readExport(file: string): Promise<ReadExport> {
  const size = await stat(file).then(
    (found) => found.size,
    (cause: unknown) => {
      throw new ServiceError('VALIDATION_ERROR', `The file ${file} cannot be read.`, { cause })
    },
  )
  if (size > MAX_BYTES)
    throw new ServiceError('VALIDATION_ERROR', `${file} is larger than the ${MAX_BYTES} bytes of an export.`)
  const content = await readFile(file, 'utf8')
  const parsed = ExportFile.safeParse(jsonOf(file, content))
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => ({
      path: issue.path.map((step) => `/${String(step)}`).join(''),
      message: issue.message,
    }))
    throw broken(file, issues)
  }
  const { version = VERSION, exportedAt } = parsed.data
  if (version > VERSION) {
    throw new ServiceError(
      'VALIDATION_ERROR',
      `${file} was written by a newer version of the app: it has version ${version}, this program knows ${VERSION}.`,
    )
  }
  const { items, listed, issues } = itemsOf(parsed.data)
  if (issues.length > 0) throw broken(file, issues)
  return {
    sha256: hash('sha256', content),
    writtenBy: exportedAt ?? new Date(0).toISOString(),
    items,
    listed,
  }
}

function jsonOf(file: string, content: string): unknown {
  try {
    return JSON.parse(content)
  } catch (cause) {
    throw new ServiceError('VALIDATION_ERROR', `${file} is not valid JSON.`, { cause })
  }
}

function broken(file: string, issues: readonly ValidationIssue[]): ServiceError {
  const shown = issues.slice(0, MAX_ISSUES).map(({ path, message }) => `\n  ${path || '/'} ${message}`)
  const more = issues.length > MAX_ISSUES ? `\n  and ${issues.length - MAX_ISSUES} more` : ''
  const message = `${file} is not a valid export; nothing was imported.${shown.join('')}${more}`
  return new ServiceError('VALIDATION_ERROR', message, { details: { issues: issues.slice(0, MAX_ISSUES) } })
}

type Items = Pick<ReadExport, 'items' | 'listed'> & { issues: ValidationIssue[] }

/** Records that the server once had come first: everything else was written later. */
function itemsOf({ localOnly, conflicts, entries }: ExportFile): Items {
  const found: Items = { items: [], listed: [], issues: [] }
  for (const [i, { type, id, document }] of localOnly.entries())
    addItem(found, { type, id, path: `/localOnly/${i}`, document, field: 'document' })
  for (const [i, conflict] of conflicts.entries()) {
    const { kind, type, entityId: id, losing, server } = conflict
    const place = { type, id, path: `/conflicts/${i}` }
    if (kind === 'local' && server === null)
      found.listed.push({ ...place, reason: 'was deleted on the server while an edit waited' })
    else addItem(found, { ...place, document: losing, field: 'losing' }, kind === 'quarantine')
  }
  for (const [i, { type, id, document }] of entries.entries())
    addItem(found, { type, id, path: `/entries/${i}`, document, field: 'document' })
  return found
}

type Candidate = { type: string; id: string; path: string; document: unknown; field: string }

/** @param mayBeBroken a server refused its shape before: it is listed, and does not affect other records */
function addItem(found: Items, candidate: Candidate, mayBeBroken = false): void {
  const { type, id, path, document, field } = candidate
  if (type === 'playbook' || type === 'playbookPatch') {
    found.listed.push({ type, id, path, reason: playbookReason(type, document) })
    return
  }
  const read = type === 'observation' ? observationOf(document) : recommendationOf(document)
  const issues = 'issues' in read ? read.issues : idIssues(read, id)
  if ('item' in read && issues.length === 0) {
    found.items.push({ ...read.item, id, path })
    return
  }
  const placed = issues.map((issue) => ({ path: `${path}/${field}${issue.path}`, message: issue.message }))
  if (!mayBeBroken) found.issues.push(...placed)
  else {
    const why = placed.map((issue) => `${issue.path} ${issue.message}`).join('; ')
    found.listed.push({ type, id, path, reason: `breaks the contract: ${why}` })
  }
}

type Read =
  | { item: Pick<ExportedItem & { type: 'observation' }, 'type' | 'document'> }
  | { item: Pick<ExportedItem & { type: 'recommendation' }, 'type' | 'document'> }
  | { issues: ValidationIssue[] }

function observationOf(document: unknown): Read {
  const parsed = parseInput(Observation, document)
  return parsed.ok ? { item: { type: 'observation', document: parsed.value } } : { issues: parsed.issues }
}

function recommendationOf(document: unknown): Read {
  const parsed = parseInput(Recommendation, document)
  return parsed.ok ? { item: { type: 'recommendation', document: parsed.value } } : { issues: parsed.issues }
}

function idIssues({ item }: Exclude<Read, { issues: unknown }>, id: string): ValidationIssue[] {
  const { document } = item
  const [field, own] =
    'recommendationId' in document
      ? ['recommendationId', document.recommendationId]
      : ['observationId', document.observationId]
  return own === id ? [] : [{ path: `/${field}`, message: `must be ${id}, the id of its entry` }]
}

function playbookReason(type: 'playbook' | 'playbookPatch', document: unknown): string {
  if (type === 'playbook') return 'is a version of a playbook: its changes must be made again'
  const patch = parseInput(PlaybookPatch, document)
  if (!patch.ok) return 'is a change of a playbook: its own device sends it'
  const { playbookId, baseVersion, reason, operations } = patch.value
  const edits = operations.map(({ op, path }) => `${op} ${path}`).join(', ')
  return `changes ${playbookId} after version ${baseVersion} (${reason}: ${edits}): its own device sends it`
}
