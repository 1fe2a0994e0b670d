import { foldText, stableSymptoms } from '@fieldsync/domain'
import type { ListRecords, RecordView } from '@fieldsync/sync-engine'

export const FILTERS = ['all', 'drafts', 'waiting', 'sent', 'trouble'] as const
export type Filter = (typeof FILTERS)[number]

type View = RecordView<'observation'>

const SHOWS: Readonly<Record<Filter, (view: View) => boolean>> = {
  all: () => true,
  drafts: ({ document }) => document.status === 'draft',
  waiting: ({ status }) => status === 'pending' || status === 'in_flight',
  sent: ({ status }) => status === 'synced',
  trouble: ({ status }) => status === 'conflict' || status === 'quarantined',
}

/** What a person wants to see of the notes. */
type Wanted = {
  readonly filter: Filter
  /** Words in note, block or symptoms, whatever their case and accents; empty for no matter which. */
  readonly search: string
  /** A symptom as the person's phone calls it. */
  readonly labelOf: (symptom: string) => string
}

/** The notes of a list that fit a choice and contain what is looked for. */
export function filtered(views: readonly View[], { filter, search, labelOf }: Wanted): View[] {
  const wanted = foldText(search.trim())
  return views.filter(
    (view) => SHOWS[filter](view) && (wanted === '' || foldText(textOf(view, labelOf)).includes(wanted)),
  )
}

function textOf({ document: { rawNoteText, extraction } }: View, labelOf: Wanted['labelOf']): string {
  const symptoms = stableSymptoms(extraction.symptoms)
  return [rawNoteText, extraction.fieldBlock, ...symptoms, ...symptoms.map(labelOf)].join('\n')
}

/** Notes read at a time while more that fit are looked for. */
const CHUNK = 500

/**
 * The latest notes that fit, of all on the device and not only of those that are shown (APP-13).
 *
 * @param most how many at most
 */
export async function findNotes(
  list: (page: ListRecords) => Promise<View[]>,
  wanted: Wanted,
  most: number,
): Promise<View[]> {
  const isEvery = wanted.filter === 'all' && wanted.search.trim() === ''
  const limit = isEvery ? most : CHUNK
  const found: View[] = []
  for (let after: string | undefined; found.length < most;) {
    const views = await list({ reverse: true, limit, ...(after === undefined ? {} : { after }) })
    found.push(...filtered(views, wanted))
    after = views.at(-1)?.id
    if (views.length < limit) break
  }
  return found.slice(0, most)
}
