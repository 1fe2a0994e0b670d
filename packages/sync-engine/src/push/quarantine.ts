import { ValidationIssue } from '@fieldsync/contracts'

import type { Changeset } from '../core/changeset.ts'
import type { InFlightBatch } from '../core/engine-meta.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import { positionOf } from '../core/local-record.ts'
import { versionBefore } from '../core/requeue.ts'
import type { Refusal } from './read-answer.ts'

/** What a VALIDATION_ERROR names: issues by the place of their entry in the outbox, and those of no record. */
export type NamedIssues = { byPlace: Map<string, ValidationIssue[]>; others: ValidationIssue[] }

/** A write that is laid aside with the reasons. */
export type Quarantined = Extract<LocalConflict, { kind: 'quarantine' }>

const ARRAYS = {
  observations: 'observation',
  recommendations: 'recommendation',
  playbookPatches: 'playbookPatch',
} as const

/** Which entries of a batch the issues of a refusal are about; their paths become paths into the record (ERR-5). */
export function namedIssues({ entries }: InFlightBatch, { details }: Refusal): NamedIssues {
  const named: NamedIssues = { byPlace: new Map(), others: [] }
  const issues = Array.isArray(details['issues']) ? details['issues'] : []
  for (const each of issues) {
    const parsed = ValidationIssue.safeParse(each)
    if (!parsed.success) continue
    const { path, message } = parsed.data
    const found = locate(entries, path)
    if (found?.place === undefined) {
      named.others.push(parsed.data)
      continue
    }
    const known = named.byPlace.get(found.place) ?? []
    known.push({ path: found.within, message })
    named.byPlace.set(found.place, known)
  }
  return named
}

/** The write that a path is about, and where in its record. */
function locate(
  entries: InFlightBatch['entries'],
  path: string,
): { place: string | undefined; within: string } | undefined {
  const match = /^\/upserts\/(observations|recommendations|playbookPatches)\/(\d+)(\/.*)?$/.exec(path)
  if (!match) return undefined
  const [, array, index, within = ''] = match
  const ofType = entries.filter(({ type }) => type === ARRAYS[array as keyof typeof ARRAYS])
  return { place: ofType[Number(index)]?.key, within }
}

/** Lays aside what the server cannot take, with the reasons, so that the rest of the queue goes on (ENG-12). */
export async function quarantine(
  changeset: Changeset,
  byPlace: ReadonlyMap<string, ValidationIssue[]>,
  now: number,
): Promise<Quarantined[]> {
  const entries = await changeset.entries([...byPlace.keys()])
  await changeset.load(
    entries.flatMap(({ entry: { type, id, document } }) =>
      'patchId' in document
        ? [
            { type, id },
            { type: 'playbook' as const, id: document.playbookId },
          ]
        : [{ type, id }],
    ),
  )
  // A repair starts from what was there: by then there may be a newer version. Of a chain, from the write before.
  const bases: (LocalConflict['losing'] | null)[] = []
  for (const queued of entries) {
    const { type, id } = queued.entry
    bases.push(
      type === 'playbookPatch'
        ? null
        : await versionBefore(changeset, { type, id, place: positionOf(queued) }),
    )
  }
  return entries.map(({ key, entry }, at) => {
    const { type, id: entityId, document: losing } = entry
    changeset.dequeue(key, entry)
    const issues = byPlace.get(key) ?? []
    const place = positionOf({ key, entry })
    const quarantined = { kind: 'quarantine', type, entityId, losing, place, foundAt: now, issues } as const
    return changeset.addConflict({ ...quarantined, base: bases[at] ?? null }) as Quarantined
  })
}
