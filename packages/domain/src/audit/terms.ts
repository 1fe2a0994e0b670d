import type { Sha256 } from '../canonical.ts'
import { formatPointer, parsePointer } from '../json-patch/pointer.ts'
import type { AuditBody, AuditChange } from './body.ts'

/** What an entry of the audit is found by; `index` is its change in the row, -1 for the row as a whole (AUD-18). */
export type AuditTerm = { readonly term: string; readonly index: number }

/** Every row has this one, by which it is found by its time alone. */
const ANY = '*'
/** Index of what a row as a whole is found by. */
export const WHOLE_ROW = -1
/** Longer values are stored as their hash, so that an index takes them. */
const MOST_CHARACTERS = 160

type TermKind = 'action' | 'device' | 'person' | 'record' | 'under' | 'at'

/** `under`: at or below a place of a playbook · `at`: exactly there. */
const termOf = (kind: TermKind, value: string, sha256: Sha256): string =>
  value.length <= MOST_CHARACTERS ? `${kind}:${value}` : `${kind}#${sha256(value)}`

/** The terms of a row, each once. */
export function auditTerms(body: AuditBody, sha256: Sha256): AuditTerm[] {
  const found = new Map<string, AuditTerm>()
  const add = (index: number, kind: TermKind, value: string | null | undefined): void => {
    if (value == null) return
    const term = termOf(kind, value, sha256)
    found.set(`${index} ${term}`, { term, index })
  }
  add(WHOLE_ROW, 'action', body.act)
  add(WHOLE_ROW, 'device', body.actor.dev)
  add(WHOLE_ROW, 'person', body.actor.usr)
  // A row without changes is one entry.
  for (let index = 0; index < Math.max(1, body.chg.length); index++) add(index, 'record', body.tgt?.id)
  for (const [index, change] of body.chg.entries()) {
    add(index, 'record', change.id)
    add(index, 'record', change.edit?.patch)
    for (const path of pathsOf(change)) {
      add(index, 'at', path)
      for (const place of placesAbove(path)) add(index, 'under', place)
    }
  }
  return [{ term: ANY, index: WHOLE_ROW }, ...found.values()]
}

const pathsOf = ({ edit, paths = [] }: AuditChange): string[] =>
  [...paths, ...(edit?.places ?? []).map(({ path }) => path)].flatMap(canonicalPointer)

/** The one pointer of a place (`~01` and the like have one form); none where a text is no pointer. */
const canonicalPointer = (text: string): string[] => {
  const segments = parsePointer(text)
  return segments ? [formatPointer(segments)] : []
}

/** The place itself and all above it, by segment (RFC 6901). */
const placesAbove = (pointer: string): string[] => {
  const segments = parsePointer(pointer) ?? []
  return Array.from({ length: segments.length + 1 }, (_, depth) => formatPointer(segments.slice(0, depth)))
}

/** What a search asks for; all given must match. */
export type AuditFilter = {
  readonly action?: string | undefined
  readonly deviceId?: string | undefined
  readonly personId?: string | undefined
  /** Id of a record, a playbook, a patch, a device or whatever else an entry is about. */
  readonly recordId?: string | undefined
  /** A place of a playbook: what has changed it, something below it, or all of a part that it is in. */
  readonly path?: string | undefined
}

/**
 * The terms that a filter asks for. Of `rows` each is needed, and holds for whole rows; of each list of `changes` one is
 * needed, and all of these for the same change.
 */
export function filterTerms(
  { action, deviceId, path, personId, recordId }: AuditFilter,
  sha256: Sha256,
): { rows: string[]; changes: string[][] } {
  const rows = [
    ...(personId === undefined ? [] : [termOf('person', personId, sha256)]),
    ...(deviceId === undefined ? [] : [termOf('device', deviceId, sha256)]),
    ...(action === undefined ? [] : [termOf('action', action, sha256)]),
  ]
  const changes = [
    ...(recordId === undefined ? [] : [[termOf('record', recordId, sha256)]]),
    ...(path === undefined
      ? []
      : canonicalPointer(path).map((place) => [
          termOf('under', place, sha256),
          ...placesAbove(place)
            .slice(0, -1)
            .map((above) => termOf('at', above, sha256)),
        ])),
  ]
  return { rows: rows.length + changes.length === 0 ? [ANY] : rows, changes }
}
