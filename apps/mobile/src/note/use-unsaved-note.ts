import { useEffect, useMemo, useRef, useState } from 'react'

import { usePlatform } from '../platform/platform-context.ts'
import type { KeptText } from '../platform/platform.ts'
import { useSettings } from '../settings/settings-context.ts'
import { useClient } from '../sync/client-context.ts'
import type { NoteValues } from './note-values.ts'
import { findUnsaved, type UnsavedNote, unsavedText } from './unsaved-note.ts'

/** After a change, until it is kept: somebody who types is not to wait for the disk at every letter. */
const KEPT_AFTER_MS = 300

/** What was filled in of a new note before the app went away; undefined until that is known, null for nothing. */
export function useUnsavedNote(kept: KeptText): NoteValues | null | undefined {
  const { observations } = useClient()
  const [values, setValues] = useState<NoteValues | null>()
  useEffect(() => {
    findUnsaved(kept, observations).then(setValues, () => setValues(null))
  }, [kept, observations])
  return values
}

/** Where the device's unsaved note is kept. */
export function useKeptNote(): KeptText {
  const platform = usePlatform()
  const { deviceId } = useSettings().settings
  return useMemo(() => platform.unsavedNote(deviceId), [platform, deviceId])
}

export type NoteKeeper = {
  /** Keeps the note in a moment, or when the form goes away. */
  readonly keep: (note: UnsavedNote) => void
  /** Keeps it, or with null nothing, at once; what cannot be kept is lost with the page, as it was. */
  readonly keepNow: (note: UnsavedNote | null) => Promise<void>
}

/** Keeps a note as it is filled in, so that it outlives the page, the app and the phone's battery. */
export function useNoteKeeper(kept: KeptText): NoteKeeper {
  const waiting = useRef<{ readonly note: UnsavedNote; readonly timer: ReturnType<typeof setTimeout> }>(
    undefined,
  )
  const keeper = useMemo((): NoteKeeper => {
    const keepNow = (note: UnsavedNote | null) => {
      clearTimeout(waiting.current?.timer)
      waiting.current = undefined
      return kept.write(unsavedText(note)).catch(() => undefined)
    }
    return {
      keepNow,
      keep: (note) => {
        clearTimeout(waiting.current?.timer)
        waiting.current = { note, timer: setTimeout(() => void keepNow(note), KEPT_AFTER_MS) }
      },
    }
  }, [kept])
  useEffect(
    () => () => {
      if (waiting.current !== undefined) void keeper.keepNow(waiting.current.note)
    },
    [keeper],
  )
  return keeper
}
