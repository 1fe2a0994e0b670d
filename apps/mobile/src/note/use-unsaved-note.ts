import { useEffect, useState } from 'react'

import { useClient } from '../data/client-context.ts'
import { useUnsaved } from '../data/use-unsaved.ts'
import type { NoteValues } from './note-values.ts'
import { UnsavedNote, unsavedText, unsavedValues } from './unsaved-note.ts'

export type NoteKeeper = {
  /** Keeps the note in a moment, or when the form goes away. */
  readonly keep: (note: UnsavedNote) => void
  /** Keeps it, or with null nothing, at once. */
  readonly saveNow: (note: UnsavedNote | null) => Promise<void>
  /** Why what was typed cannot be read, or what is typed cannot be kept; null where it is. */
  readonly failure: string | null
}

type UnsavedNewNote = {
  /** What was filled in of a new note before the app went away; undefined until that is known, null for nothing. */
  readonly started: NoteValues | null | undefined
  readonly keeper: NoteKeeper
}

/** This tab's new note, which is kept as it is filled in, so that it outlives the page, the app and the phone's battery. */
export function useUnsavedNote(): UnsavedNewNote {
  const client = useClient()
  const { found, keeper, failure } = useUnsaved({ kind: 'new' }, UnsavedNote)
  const [started, setStarted] = useState<NoteValues | null>()
  useEffect(() => {
    if (found === undefined) return
    // Where nobody can say whether it was stored, it is offered rather than lost.
    unsavedValues(found, client).then(setStarted, () => setStarted(found?.values ?? null))
  }, [found, client])
  return {
    started,
    keeper: {
      keep: (note) => keeper.keep(unsavedText(note)),
      saveNow: async (note) => void (await keeper.saveNow(unsavedText(note))),
      failure,
    },
  }
}
