import type { UnsavedText, WatchedText } from './platform.ts'
import { withTexts } from './text-database.ts'

/** One text in the app's small database. */
const browserText = (name: string): UnsavedText => ({
  read: async () => (await withTexts((store) => store.get(name))) ?? null,
  write: (text) => withTexts(async (store) => void (await store.put(text, name))),
})

/** The settings, of whose changes the site's other tabs hear. */
export class BrowserSettings implements WatchedText {
  readonly #text = browserText('settings')
  // An old browser's tabs see each other's settings when they are loaded again.
  readonly #channel =
    typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('fieldsync-app-settings')

  readonly read = this.#text.read

  async write(text: string): Promise<void> {
    await this.#text.write(text)
    this.#channel?.postMessage('changed')
  }

  watch(changed: () => void): () => void {
    this.#channel?.addEventListener('message', changed)
    return () => this.#channel?.removeEventListener('message', changed)
  }
}
