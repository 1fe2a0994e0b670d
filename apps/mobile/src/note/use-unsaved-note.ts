import { useEffect, useMemo, useState } from 'react'

import { usePlatform } from '../platform/platform-context.ts'
import type { KeptText } from '../platform/platform.ts'
import { useSettings } from '../settings/settings-context.ts'
import { useClient } from '../sync/client-context.ts'
import { formKey, inputKeeper } from '../unsaved/unsaved-input.ts'
import type { NoteValues } from './note-values.ts'
import { findUnsaved, type UnsavedNote, unsavedText } from './unsaved-note.ts'

/** What was filled in of a new note before the app went away; undefined until that is known, null for nothing. */
export function useUnsavedNote(kept: Pick<KeptText, 'read'>): NoteValues | null | undefined {
  const { observations } = useClient()
  const [values, setValues] = useState<NoteValues | null>()
  useEffect(() => {
    findUnsaved(kept, observations).then(setValues, () => setValues(null))
  }, [kept, observations])
  return values
}

/** Where this tab's unsaved new note is kept. */
export function useKeptNote(): KeptText {
  const { unsaved } = usePlatform()
  const { deviceId } = useSettings().settings
  return useMemo(() => {
    const key = formKey(deviceId, { kind: 'new' })
    return { read: () => unsaved.find(key), write: (text) => unsaved.keep(key, text) }
  }, [unsaved, deviceId])
}

export type NoteKeeper = {
  /** Keeps the note in a moment, or when the form goes away. */
  readonly keep: (note: UnsavedNote) => void
  /** Keeps it, or with null nothing, at once. */
  readonly keepNow: (note: UnsavedNote | null) => Promise<void>
  /** Why what is typed cannot be kept; null where it is. */
  readonly failure: string | null
}

/** Keeps a note as it is filled in, so that it outlives the page, the app and the phone's battery. */
export function useNoteKeeper(kept: Pick<KeptText, 'write'>): NoteKeeper {
  const { onLeave } = usePlatform()
  const [failure, setFailure] = useState<string | null>(null)
  const keeper = useMemo(
    () => inputKeeper({ keep: (_key, text) => kept.write(text) }, '', setFailure),
    [kept],
  )
  useEffect(() => {
    const close = keeper.open()
    const stop = onLeave(() => void keeper.flush())
    return () => {
      stop()
      close()
    }
  }, [keeper, onLeave])
  return {
    keep: (note) => keeper.keep(unsavedText(note)),
    keepNow: async (note) => void (await keeper.keepNow(unsavedText(note))),
    failure,
  }
}
