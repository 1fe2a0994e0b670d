import type { Tab } from '@fieldsync/testkit/browser'

/** What a tab's browser holds of a kept text, past everything that the app has in memory. */
export const keptText = (tab: Tab, name: string): Promise<unknown> =>
  tab.evaluate(
    (key) =>
      new Promise((resolve, reject) => {
        const asked = indexedDB.open('fieldsync-app')
        asked.addEventListener('error', () => reject(asked.error))
        asked.addEventListener('success', () => {
          const found = asked.result.transaction('texts').objectStore('texts').get(key)
          found.addEventListener('success', () => resolve(found.result))
        })
      }),
    name,
  )
