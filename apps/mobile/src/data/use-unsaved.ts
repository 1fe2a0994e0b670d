import { useEffect, useEffectEvent, useMemo, useState } from 'react'
import type { z } from 'zod'

import { usePlatform } from '../platform/platform-context.ts'
import { useSettings } from './settings-context.ts'
import { formKey, type FormName, type InputKeeper, inputKeeper, inputOf } from './unsaved-input.ts'

export type Unsaved<T> = {
  /** What was typed before and is not saved; undefined until that is known, null for nothing. */
  readonly found: T | null | undefined
  readonly keeper: InputKeeper
  /** Why what is typed cannot be kept; null where it is. */
  readonly failure: string | null
}

/** Input of a form that outlives it: what was typed before, and a way to keep what is typed now. */
export function useUnsaved<T>({ kind, about }: FormName, shape: z.ZodType<T>): Unsaved<T> {
  const { unsaved, onLeave } = usePlatform()
  const { settings } = useSettings()
  const [found, setFound] = useState<{ readonly key: string; readonly input: T | null }>()
  const [failure, setFailure] = useState<string | null>(null)
  const key = formKey(settings, { kind, ...(about === undefined ? {} : { about }) })
  const keeper = useMemo(() => inputKeeper(unsaved, key, setFailure), [unsaved, key])
  // A caller may pass another object for the same shape with every render.
  const read = useEffectEvent((text: string | null) => inputOf(shape, text))
  useEffect(() => {
    let isCurrent = true
    unsaved.find(key).then(
      (text) => isCurrent && setFound({ key, input: read(text) }),
      (error: unknown) => {
        if (!isCurrent) return
        setFound({ key, input: null })
        setFailure(error instanceof Error ? error.message : String(error))
      },
    )
    const close = keeper.open(onLeave)
    return () => {
      isCurrent = false
      close()
    }
  }, [unsaved, onLeave, key, keeper])
  return { found: found?.key === key ? found.input : undefined, keeper, failure }
}

/**
 * What was typed before, as a form starts with it. What was saved just before the app went away is offered no more, and
 * forgotten now (APP-2).
 */
export function useStarted<T>({ found, keeper }: Unsaved<T>, isSaved: (input: T) => boolean): T | null {
  const [started] = useState(() => (found === undefined || found === null || isSaved(found) ? null : found))
  const isForgotten = started === null && found !== null
  useEffect(() => {
    if (isForgotten) void keeper.saveNow('')
    // Once, when the form starts: what is typed from then on is no longer what was found.
  }, [])
  return started
}
