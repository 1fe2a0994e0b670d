import type { Tab } from '@fieldsync/testkit/browser'

/** What a tab's browser holds of unsaved input in a form, past everything that the app has in memory; all tabs' in one. */
export const unsavedText = (tab: Tab, form: string): Promise<string> =>
  tab.evaluate(
    (name) =>
      new Promise<string>((resolve, reject) => {
        const asked = indexedDB.open('fieldsync-app')
        asked.addEventListener('error', () => reject(asked.error))
        asked.addEventListener('success', () => {
          const range = IDBKeyRange.bound(name, `${name}\uffff`)
          const found = asked.result.transaction('texts').objectStore('texts').getAll(range)
          found.addEventListener('success', () => {
            asked.result.close()
            resolve(JSON.stringify(found.result))
          })
        })
      }),
    form,
  )
