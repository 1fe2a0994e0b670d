import { tabName } from '@fieldsync/sync-engine/stores/browser-tabs'

import type { UnsavedTexts } from './platform.ts'
import { withTexts } from './text-database.ts'
import { chooseSlot, formOf, readSlot, type Slot, slotKey, slotsOf, slotText } from './unsaved-slots.ts'

/** Unsaved input in the app's small database: each tab has a slot of its own for each form. */
export function browserUnsaved(): UnsavedTexts {
  const tab = tabName()
  return {
    find: async (form) => {
      const { own, alive } = await tab
      const slots = await slotsIn(form)
      const chosen = chooseSlot(slots, own, await alive())
      // What the page was writing when it went away.
      const last = readSlot(hastyText(form))
      if (last !== null && last.at >= (chosen?.owner === own ? chosen.at : 0)) return last.text
      if (chosen === undefined || chosen.owner === own) return chosen?.text ?? null
      // Its tab is gone: this one goes on with it.
      await withTexts(async (store) => {
        await store.put(slotText(chosen.text, Date.now()), slotKey(form, own))
        await store.delete(chosen.key)
      })
      return chosen.text
    },
    keep: async (form, text) => {
      const value = slotText(text, Date.now())
      // At once, since a page that goes away has no time for the database.
      writeHasty(form, value)
      const key = slotKey(form, (await tab).own)
      await withTexts(async (store) => {
        if (text === '') await store.delete(key)
        else await store.put(value, key)
      })
      if (hastyText(form) === value) writeHasty(form, null)
    },
    // Exports are files of the person's own by then.
    forget: async (isGone) => {
      for (const form of hastyForms()) if (isGone(form)) writeHasty(form, null)
      await withTexts(async (store) => {
        const keys = (await store.getAllKeys()).filter((key) => isGone(formOf(key)))
        await Promise.all(keys.map((key) => store.delete(key)))
      })
    },
  }
}

const slotsIn = (form: string): Promise<Slot[]> =>
  withTexts(async (store) => {
    const range = IDBKeyRange.bound(form, `${form}#\uffff`)
    return slotsOf(form, await store.getAllKeys(range), await store.getAll(range))
  })

const HASTY = 'fieldsync-'
const hastyKey = (form: string): string => `${HASTY}${form}`

/** The forms of which this tab has such a text. */
function hastyForms(): string[] {
  try {
    return Object.keys(sessionStorage).flatMap((key) =>
      key.startsWith(HASTY) ? [key.slice(HASTY.length)] : [],
    )
  } catch {
    return []
  }
}

// A browser may forbid it, and it may be full: the database is what counts.
function hastyText(form: string): string {
  try {
    return sessionStorage.getItem(hastyKey(form)) ?? ''
  } catch {
    return ''
  }
}

function writeHasty(form: string, value: string | null): void {
  try {
    if (value === null) sessionStorage.removeItem(hastyKey(form))
    else sessionStorage.setItem(hastyKey(form), value)
  } catch {
    // As above.
  }
}
