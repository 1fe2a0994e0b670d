import type { PersonWorkspace } from '@fieldsync/contracts'

const WORKSPACE = 'fieldsync-console-workspace'

type Stores = { readonly tab: Pick<Storage, 'getItem' | 'setItem'>; readonly browser: Stores['tab'] }

/** Which of their workspaces a person is in: each tab has its own, and a new one the last that was chosen (APP-78). */
export const workspaceChoice = {
  /** The one to show; undefined for a person without any. */
  of: (workspaces: readonly PersonWorkspace[], { tab, browser }: Stores): PersonWorkspace | undefined => {
    const named = (id: string | null) => workspaces.find(({ workspaceId }) => workspaceId === id)
    return named(tab.getItem(WORKSPACE)) ?? named(browser.getItem(WORKSPACE)) ?? workspaces[0]
  },
  keep: (workspaceId: string, { tab, browser }: Stores): void => {
    tab.setItem(WORKSPACE, workspaceId)
    browser.setItem(WORKSPACE, workspaceId)
  },
}
