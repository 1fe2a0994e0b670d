import type { RecordView } from '@fieldsync/sync-engine'

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

/** The notes of a list that fit a choice and contain what is looked for, in note, block or symptoms. */
export function filtered(views: readonly View[], filter: Filter, search: string): View[] {
  const wanted = search.trim().toLowerCase()
  return views.filter((view) => SHOWS[filter](view) && (wanted === '' || textOf(view).includes(wanted)))
}

const textOf = ({ document: { rawNoteText, extraction } }: View): string =>
  [rawNoteText, extraction.fieldBlock, ...extraction.symptoms].join('\n').toLowerCase()
