/** Where a tab keeps what is typed in one form. */
export type Slot = {
  readonly key: string
  /** The tab; null for the one slot that apps before had for all tabs. */
  readonly owner: string | null
  readonly text: string
  /** When it was written, milliseconds since 1970. */
  readonly at: number
}

export const slotKey = (form: string, tab: string): string => `${form}#${tab}`

/** The form of a slot. */
export const formOf = (key: string): string => key.replace(/#[^#]*$/, '')

export const slotText = (text: string, at: number): string => JSON.stringify({ at, text })

/** The slots of a form among what is stored; keys and values are in one order. */
export function slotsOf(form: string, keys: readonly string[], values: readonly string[]): Slot[] {
  return keys.flatMap((key, i): Slot[] => {
    const value = values[i] ?? ''
    if (key === form) return value === '' ? [] : [{ key, owner: null, text: value, at: 0 }]
    if (!key.startsWith(`${form}#`)) return []
    const slot = readSlot(value)
    return slot === null ? [] : [{ key, owner: key.slice(form.length + 1), ...slot }]
  })
}

/** The slot that a tab goes on with: its own, else the newest of a tab that is gone. */
export const chooseSlot = (
  slots: readonly Slot[],
  own: string,
  alive: ReadonlySet<string>,
): Slot | undefined =>
  slots.find(({ owner }) => owner === own) ??
  slots
    .filter(({ owner }) => owner === null || !alive.has(owner))
    .toSorted((a, b) => b.at - a.at)
    .at(0)

/** What a slot holds; null for nothing. */
export function readSlot(value: string): { text: string; at: number } | null {
  try {
    const { text, at } = JSON.parse(value) as { text?: unknown; at?: unknown }
    return typeof text === 'string' && typeof at === 'number' ? { text, at } : null
  } catch {
    return null
  }
}
