import type { z } from 'zod'

import { MAX_ISSUES, type ValidationIssue } from '../entities/validation-issue.ts'
import { SyncBatchRequest, SyncUpserts } from '../sync/request.ts'
import { parseInput, type Parsed } from './parse-input.ts'
import { MAX_OBJECT_KEYS } from './structure.ts'

type Failure = { ok: false; issues: ValidationIssue[]; more: number }

const RECORD_LEVEL = 4

/**
 * Reads a batch record by record, so that every bad record is named (ERR-6) while the work and the list of issues stay
 * bounded whatever the body contains. After 1,000 bad records the rest of an array is not read, and each unread record
 * counts as one in `more`.
 */
export function parseSyncBatch(input: unknown): Parsed<SyncBatchRequest> {
  const frame = parseInput(SyncBatchRequest, withoutRecords(input))
  const found = new IssueList(frame.ok ? undefined : frame)
  const upserts = {
    observations: parseRecords(SyncUpserts.shape.observations.element, input, 'observations', found),
    recommendations: parseRecords(SyncUpserts.shape.recommendations.element, input, 'recommendations', found),
    playbookPatches: parseRecords(SyncUpserts.shape.playbookPatches.element, input, 'playbookPatches', found),
  }
  return frame.ok && found.none ? { ok: true, value: { ...frame.value, upserts } } : found.failure()
}

/** The body with its record arrays emptied: the rest is checked at once, however many records there are. */
function withoutRecords(input: unknown): unknown {
  if (!isSmallObject(input)) return input
  const { upserts } = input
  if (!isSmallObject(upserts)) return input
  const emptied = Object.keys(SyncUpserts.shape).filter((name) => recordsIn(input, name).length > 0)
  return { ...input, upserts: { ...upserts, ...Object.fromEntries(emptied.map((name) => [name, []])) } }
}

function recordsIn(input: unknown, name: string): readonly unknown[] {
  const records = isObject(input) && isObject(input['upserts']) ? input['upserts'][name] : undefined
  return Array.isArray(records) ? records : []
}

function parseRecords<S extends z.ZodType>(
  schema: S,
  input: unknown,
  name: keyof SyncUpserts,
  found: IssueList,
): z.output<S>[] {
  const records = recordsIn(input, name)
  const read: z.output<S>[] = []
  for (let index = 0; index < records.length; index++) {
    if (found.full) {
      found.more += records.length - index
      break
    }
    const parsed = parseInput(schema, records[index], ['upserts', name, index], RECORD_LEVEL)
    if (parsed.ok) read.push(parsed.value)
    else found.add(parsed)
  }
  return read
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

// A larger object breaks the contract anyway, and copying a million keys would cost seconds.
const isSmallObject = (value: unknown): value is Record<string, unknown> =>
  isObject(value) && Object.keys(value).length <= MAX_OBJECT_KEYS

/** Issues of a batch: room is reserved so that each bad record is named before any is described in full. */
class IssueList {
  more = 0
  readonly #frame: ValidationIssue[]
  /** What is wrong with each bad record, one issue at least. */
  readonly #records: (readonly ValidationIssue[])[] = []

  constructor(frame: Failure | undefined) {
    this.#frame = frame?.issues ?? []
    this.more = frame?.more ?? 0
  }

  /** No record is bad. */
  get none(): boolean {
    return this.#records.length === 0
  }

  /** There is no room to name another bad record. */
  get full(): boolean {
    return this.#records.length >= MAX_ISSUES
  }

  add(failure: Failure): void {
    this.#records.push(failure.issues)
    this.more += failure.more
  }

  failure(): Failure {
    let room = MAX_ISSUES - this.#records.length
    let { more } = this
    const limited = (issues: readonly ValidationIssue[]): ValidationIssue[] => {
      const listed = issues.slice(0, room)
      room -= listed.length
      more += issues.length - listed.length
      return listed
    }
    const issues = limited(this.#frame)
    for (const found of this.#records) issues.push(...found.slice(0, 1), ...limited(found.slice(1)))
    return { ok: false, issues, more }
  }
}
