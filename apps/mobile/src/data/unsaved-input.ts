import type { z } from 'zod'

import type { Platform, UnsavedTexts } from '../platform/platform.ts'
import { storeName, type StoreSettings } from './known-stores.ts'

/** A form whose input is kept while it is not saved. */
export type FormName = {
  readonly kind: 'new' | 'note' | 'fix' | 'conflict' | 'value'
  /** What it is about: the id of a note or conflict, the place of a value; none of a new note. */
  readonly about?: string
}

/**
 * The name under which input in a form is kept: each store has its own, as its notes are of one workspace. Apps before named
 * them by the device id, as the first store of a device is named.
 */
export function formKey(settings: StoreSettings, { kind, about }: FormName): string {
  const store = storeName(settings).replace(/^fieldsync-/, '')
  return kind === 'new' ? `unsaved-note-${store}` : `unsaved-${kind}-${store}-${about ?? ''}`
}

/** The name under which the weather of a store is kept; named like a form, so that a wipe deletes it too (APP-71). */
export const weatherKey = (settings: StoreSettings): string =>
  `unsaved-weather-${storeName(settings).replace(/^fieldsync-/, '')}`

/** Whether a form is one of this store, and of no other whose name is longer. */
function isFormOf(store: string, stores: readonly string[]): (form: string) => boolean {
  const nameOf = (each: string): string => each.replace(/^fieldsync-/, '')
  const others = stores.map(nameOf).filter((each) => each !== nameOf(store))
  const isOf = (form: string, name: string): boolean => {
    const rest = /^unsaved-[a-z]+-(.*)$/s.exec(form)?.[1]
    return rest === name || rest?.startsWith(`${name}-`) === true
  }
  return (form) =>
    isOf(form, nameOf(store)) && !others.some((other) => other.startsWith(nameOf(store)) && isOf(form, other))
}

/**
 * The device of this store is wiped: what is typed in its forms goes, and so do the copies of exports. A form that is still open
 * keeps nothing any more (APP-71).
 */
export async function forgetInputs(
  platform: Pick<Platform, 'storeNames' | 'unsaved'>,
  store: string,
): Promise<void> {
  const isOpen = isFormOf(store, [])
  for (const keeper of keepers) if (isOpen(keeper.key)) keeper.drop()
  await platform.unsaved.forget(isFormOf(store, await platform.storeNames()))
}

/** After a change, until it is kept: typing must not wait for the disk at every letter. */
const KEPT_AFTER_MS = 300

export type InputKeeper = {
  /** Keeps the text in a moment, or when the page goes away. */
  readonly keep: (text: string) => void
  /** Keeps it at once, or forgets it with an empty one. @returns whether it is on the device now */
  readonly saveNow: (text: string) => Promise<boolean>
  /** Keeps at once what waits for its moment. */
  readonly flush: () => Promise<void>
}

/** Those of the forms that are open. */
const keepers = new Set<InputKeeper & { readonly key: string; readonly drop: () => void }>()

/** Keeps at once whatever is typed anywhere: the app goes away, or over to a new version. */
export const flushInputs = async (): Promise<void> => {
  await Promise.all([...keepers].map(({ flush }) => flush()))
}

/**
 * Keeps what is typed in a form, so that it outlives the page, the app and the phone's battery (APP-2).
 *
 * @param onStored says after each try why the input is not kept; null where it is
 */
export function inputKeeper(
  texts: Pick<UnsavedTexts, 'keep'>,
  key: string,
  onStored: (failure: string | null) => void,
): InputKeeper & { readonly open: (onLeave: Platform['onLeave']) => () => void } {
  let waiting: { readonly text: string; readonly timer: ReturnType<typeof setTimeout> } | undefined
  let isDropped = false
  const saveNow = async (text: string) => {
    clearTimeout(waiting?.timer)
    waiting = undefined
    if (isDropped) return true
    try {
      await texts.keep(key, text)
      onStored(null)
      return true
    } catch (error) {
      onStored(error instanceof Error ? error.message : String(error))
      return false
    }
  }
  const keeper = {
    key,
    drop: () => {
      clearTimeout(waiting?.timer)
      waiting = undefined
      isDropped = true
    },
    saveNow,
    keep: (text: string) => {
      clearTimeout(waiting?.timer)
      waiting = { text, timer: setTimeout(() => void saveNow(text), KEPT_AFTER_MS) }
    },
    flush: async () => {
      if (waiting !== undefined) await saveNow(waiting.text)
    },
  }
  return {
    ...keeper,
    // The form is there from now on, until what this gives back is called.
    open: (onLeave) => {
      keepers.add(keeper)
      const stop = onLeave(() => void keeper.flush())
      return () => {
        stop()
        keepers.delete(keeper)
        void keeper.flush()
      }
    },
  }
}

/** The input of a kept text; null for none, and for one of an app that knew other fields. */
export function inputOf<T>(shape: z.ZodType<T>, text: string | null): T | null {
  if (text === null || text === '') return null
  try {
    return shape.parse(JSON.parse(text))
  } catch {
    return null
  }
}
