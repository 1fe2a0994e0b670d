import type { Tab } from '@fieldsync/testkit/browser'

import { PHONE } from './app-world.ts'

/** Puts copies of the phone's only conflict before it in its store, or takes them away again with 0. */
export const precedeByConflicts = (tab: Tab, copies: number): Promise<void> =>
  tab.evaluate(
    ({ name, wanted }) =>
      new Promise<void>((resolve, reject) => {
        const asked = indexedDB.open(name)
        asked.addEventListener('error', () => reject(asked.error))
        asked.addEventListener('success', () => {
          const transaction = asked.result.transaction('conflicts', 'readwrite')
          transaction.addEventListener('error', () => reject(transaction.error))
          transaction.addEventListener('complete', () => {
            asked.result.close()
            resolve()
          })
          const store = transaction.objectStore('conflicts')
          store.delete(IDBKeyRange.upperBound('!~'))
          const found = store.openCursor(IDBKeyRange.lowerBound('"'))
          found.addEventListener('success', () => {
            const row = found.result
            if (row === null || typeof row.key !== 'string') return
            const text = JSON.stringify(row.value)
            for (let i = 0; i < wanted; i++) {
              const key = `!${i}`
              store.put(JSON.parse(text.replaceAll(row.key, key)), key)
            }
          })
        })
      }),
    { name: `fieldsync-${PHONE.deviceId}`, wanted: copies },
  )

/** How many transactions on IndexedDB the page begins in half a second in which nobody does anything. */
export const readsWhileIdle = (tab: Tab): Promise<number> =>
  tab.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let count = 0
        const begin = Reflect.get(IDBDatabase.prototype, 'transaction')
        IDBDatabase.prototype.transaction = new Proxy(begin, {
          apply: (called, self, given) => {
            count++
            return Reflect.apply(called, self, given)
          },
        })
        setTimeout(() => {
          IDBDatabase.prototype.transaction = begin
          resolve(count)
        }, 500)
      }),
  )
