import { AsyncLocalStorage } from 'node:async_hooks'

import { hashSessionToken } from '@fieldsync/services'
import type { DBAdapter } from 'better-auth/types'

const MINUTE_MS = 60_000

/** What one call of the library has come to: the person for whom it would have begun a session. */
export const signedIn = new AsyncLocalStorage<{ personId?: string }>()

/**
 * The database as the library sees it. Sessions are ours: it finds one by its token, whose hash alone is stored, and never
 * creates, changes or ends one (PEO-10). It stores its session tokens in plaintext otherwise.
 */
export function withOwnSessions(inner: DBAdapter): DBAdapter {
  const view: Omit<DBAdapter, 'id'> = {
    create: async (call) => {
      if (call.model !== 'session') return await inner.create(call)
      const store = signedIn.getStore()
      const { userId } = call.data
      if (store && typeof userId === 'string') store.personId = userId
      // The library's own row of a session that nobody stores.
      return { id: 'none', ...call.data } as never
    },
    findOne: async (call) => {
      if (call.model !== 'session') return await inner.findOne(call)
      const token = call.where.find(({ field }) => field === 'token')?.value
      if (typeof token !== 'string') return null
      const where = [{ field: 'token', value: hashSessionToken(token) }]
      const found = await inner.findOne<Record<string, unknown>>({ ...call, where })
      // Whether it is valid was decided before the library was called, by our clock.
      return found && ({ ...found, token, expiresAt: new Date(Date.now() + MINUTE_MS) } as never)
    },
    findMany: (call) => (call.model === 'session' ? Promise.resolve([]) : inner.findMany(call)),
    count: (call) => (call.model === 'session' ? Promise.resolve(0) : inner.count(call)),
    update: (call) => (call.model === 'session' ? Promise.resolve(null) : inner.update(call)),
    updateMany: (call) => (call.model === 'session' ? Promise.resolve(0) : inner.updateMany(call)),
    delete: (call) => (call.model === 'session' ? Promise.resolve() : inner.delete(call)),
    deleteMany: (call) => (call.model === 'session' ? Promise.resolve(0) : inner.deleteMany(call)),
    consumeOne: (call) => (call.model === 'session' ? Promise.resolve(null) : inner.consumeOne(call)),
    incrementOne: (call) => (call.model === 'session' ? Promise.resolve(null) : inner.incrementOne(call)),
    transaction: (work) => inner.transaction((each) => work(withOwnSessions(each as DBAdapter))),
  }
  return { ...inner, ...view }
}
