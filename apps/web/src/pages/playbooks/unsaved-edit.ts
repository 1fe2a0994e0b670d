import { Playbook } from '@fieldsync/contracts'
import { z } from 'zod'

const PREFIX = 'fieldsync-console-edit/'
const TAB_LOCK = 'fieldsync-console-tab/'
const TAB_KEY = 'fieldsync-console-tab'

/** What a person has typed into the playbook form and not applied yet, with the version that it was typed on. */
export const UnsavedEdit = z.object({
  playbook: Playbook,
  typed: z.array(z.tuple([z.string(), z.union([z.string(), z.boolean()])])),
  reason: z.string(),
  at: z.number(),
})
export type UnsavedEdit = z.infer<typeof UnsavedEdit>

/**
 * Where unsaved edits of one playbook survive a reload, the way back and a browser that is killed (APP-48): one slot for
 * each tab, so that two tabs do not write over each other. A slot whose tab is gone belongs to the next tab that opens the
 * playbook.
 */
export class UnsavedEdits {
  readonly #prefix: string
  readonly #tab: Promise<string>

  constructor(workspaceUid: string, playbookId: string) {
    this.#prefix = `${PREFIX}${workspaceUid}/${playbookId}/`
    this.#tab = thisTab()
  }

  /** This tab's edit, else the newest of a tab that is gone; null where there is none. */
  async find(): Promise<UnsavedEdit | null> {
    const own = await this.#tab
    const alive = await tabsAlive()
    const slots = Object.keys(localStorage)
      .filter((key) => key.startsWith(this.#prefix))
      .map((key) => ({ key, tab: key.slice(this.#prefix.length), edit: readEdit(key) }))
      .filter(({ tab }) => tab === own || !alive.has(tab))
      .toSorted((a, b) => (b.edit?.at ?? 0) - (a.edit?.at ?? 0))
    const found = slots.find(({ tab }) => tab === own) ?? slots[0]
    if (!found?.edit) return null
    if (found.tab !== own) {
      localStorage.removeItem(found.key)
      localStorage.setItem(this.#prefix + own, JSON.stringify(found.edit))
    }
    return found.edit
  }

  async keep(edit: UnsavedEdit): Promise<void> {
    localStorage.setItem(this.#prefix + (await this.#tab), JSON.stringify(edit))
  }

  async drop(): Promise<void> {
    localStorage.removeItem(this.#prefix + (await this.#tab))
  }
}

/** Null where what is stored is of another build, or no edit at all. */
function readEdit(key: string): UnsavedEdit | null {
  try {
    return UnsavedEdit.parse(JSON.parse(localStorage.getItem(key) ?? ''))
  } catch {
    return null
  }
}

let tab: Promise<string> | undefined

/** An id that this tab keeps over reloads and no other tab has: a copied tab begins with the id of the first. */
function thisTab(): Promise<string> {
  tab ??= claimTab(sessionStorage.getItem(TAB_KEY) ?? newTabId())
  return tab
}

async function claimTab(id: string): Promise<string> {
  // Over plain http there are no locks; a copied tab shares its slot there.
  if (!('locks' in navigator)) return remember(id)
  const got = await new Promise<boolean>((resolve) => {
    void navigator.locks.request(TAB_LOCK + id, { ifAvailable: true }, (lock) => {
      resolve(lock !== null)
      // Held as long as the tab lives.
      return lock === null ? undefined : new Promise<never>(() => undefined)
    })
  })
  return got ? remember(id) : await claimTab(newTabId())
}

function remember(id: string): string {
  sessionStorage.setItem(TAB_KEY, id)
  return id
}

const newTabId = (): string => crypto.getRandomValues(new Uint32Array(2)).join('-')

async function tabsAlive(): Promise<Set<string>> {
  if (!('locks' in navigator)) return new Set()
  const { held = [] } = await navigator.locks.query()
  return new Set(
    held.flatMap(({ name }) => (name?.startsWith(TAB_LOCK) ? [name.slice(TAB_LOCK.length)] : [])),
  )
}
