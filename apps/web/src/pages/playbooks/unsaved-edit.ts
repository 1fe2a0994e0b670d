import { Playbook, PlaybookPatch } from '@fieldsync/contracts'
import { tabName, type TabName } from '@fieldsync/sync-engine/stores/browser-tabs'
import { z } from 'zod'

const PREFIX = 'fieldsync-console-edit/'

/**
 * What a person has typed into the playbook form and not applied yet, with the version that it was typed on, and the patches
 * made of it that were sent.
 */
export const UnsavedEdit = z.object({
  playbook: Playbook,
  typed: z.array(z.tuple([z.string(), z.union([z.string(), z.boolean()])])),
  reason: z.string(),
  sent: z.array(PlaybookPatch).default([]),
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
  readonly #tab: Promise<TabName>

  constructor(workspaceUid: string, playbookId: string) {
    this.#prefix = `${PREFIX}${workspaceUid}/${playbookId}/`
    this.#tab = thisTab()
  }

  /** This tab's edit, else the newest of a tab that is gone; null where there is none. */
  async find(): Promise<UnsavedEdit | null> {
    const { own, alive } = await this.#tab
    const open = await alive()
    const slots = Object.keys(localStorage)
      .filter((key) => key.startsWith(this.#prefix))
      .map((key) => ({ key, tab: key.slice(this.#prefix.length), edit: readEdit(key) }))
      .filter(({ tab }) => tab === own || !open.has(tab))
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
    localStorage.setItem(this.#prefix + (await this.#tab).own, JSON.stringify(edit))
  }

  async drop(): Promise<void> {
    localStorage.removeItem(this.#prefix + (await this.#tab).own)
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

let tab: Promise<TabName> | undefined

/** The name is claimed once: a page that claimed it again would find it taken, by itself. */
const thisTab = (): Promise<TabName> => (tab ??= tabName())
