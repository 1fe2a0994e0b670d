import type { Observation } from '@fieldsync/contracts'
import type { LocalStore, ReadTransaction, WriteTransaction } from '@fieldsync/sync-engine'
import { describe, expect, it } from 'vitest'

import { idsOf, keysOf, onAhead, queueOf, storedOf } from '../testing/stored-batches.ts'
import type { TestDevice } from '../testing/test-device.ts'
import type { TestServer } from '../testing/test-server.ts'

/** A store as a build sees it that knows nothing of a batch ahead. */
function withoutAhead(store: LocalStore): LocalStore {
  const isUnknown = (name: unknown) => name === 'ahead'
  const reading = <T extends ReadTransaction>(transaction: T): T => ({
    ...transaction,
    get: (table, key) => (isUnknown(key) ? Promise.resolve(undefined) : transaction.get(table, key)),
    getMany: async (table, keys) => {
      const found = await transaction.getMany(table, keys)
      return found.map((value, i) => (isUnknown(keys[i]) ? undefined : value))
    },
  })
  const writing = (transaction: WriteTransaction): WriteTransaction => ({
    ...reading(transaction),
    delete: (table, keys) =>
      transaction.delete(
        table,
        keys.filter((key) => !isUnknown(key)),
      ),
  })
  return {
    read: (work) => store.read((transaction) => work(reading(transaction))),
    write: (work) => store.write((transaction) => work(writing(transaction))),
    erase: (remaining) => store.erase(remaining),
    exclusively: (work) => store.exclusively(work),
    onChange: (listener) => store.onChange(listener),
    close: () => store.close(),
  }
}

describe('builds that know one stored batch alone', () => {
  it('[ENG-29, ENG-88] send the batch in flight again, and the writes of the one ahead as undecided ones', async () => {
    const { server, anna, saved } = await queueOf(6)
    onAhead(anna, () => anna.die())
    await anna.sync()
    const [first, second] = storedOf(anna)
    const ahead = saved.slice(2, 4).map(({ observationId }) => observationId)
    await anna.restart()
    anna.link.calls.length = 0
    // The answer to the batch ahead is lost, and another edit was made by the time the older build starts.
    const updatedAt = new Date(anna.now + 1_000).toISOString()
    const edit = { ...(saved[2] as Observation), status: 'confirmed' as const, updatedAt }
    const old = await anna.anotherTab({ settings: { storedBatches: 1, batchRecords: 10 } }, withoutAhead)
    await old.saveObservation(edit)
    await old.sync()
    await old.stop()
    expect(keysOf(anna.link.calls)[0]).toBe(first)
    expect(keysOf(anna.link.calls)).not.toContain(second)
    expect(anna.link.calls.flatMap(idsOf)).toEqual(expect.arrayContaining(ahead))
    expect(anna.tables.values.get('queue')).toMatchObject({ pending: 0, unsettledBefore: 7 })
    expect(server.size).toBe(7)
    // The newer build comes back, and drops what is no longer to be sent.
    await comesBack(anna, server, second)
  })

  it('[ENG-88] may die with a batch of their own, behind which the one ahead is not sent', async () => {
    const { server, anna } = await queueOf(6)
    onAhead(anna, () => anna.die())
    await anna.sync()
    const [, second] = storedOf(anna)
    await anna.restart()
    // Its answer to the first batch, then none to the second, nor to any pull.
    anna.link.next('pass', 'unsent', 'unsent', 'unsent')
    const old = await anna.anotherTab({ settings: { storedBatches: 1, batchRecords: 2 } }, withoutAhead)
    void old.sync()
    await anna.ended()
    await old.stop()
    anna.link.clear()
    expect(storedOf(anna)[0]).toBe(anna.link.calls.at(-1)?.idempotencyKey)
    await comesBack(anna, server, second)
  })
})

/** The newer build starts on what an older one has left. */
async function comesBack(anna: TestDevice, server: TestServer, ahead: string | undefined): Promise<void> {
  const before = server.size
  const { pending } = anna.tables.values.get('queue') as { pending: number }
  anna.link.calls.length = 0
  await anna.saved()
  await anna.sync()
  expect(keysOf(anna.link.calls)).not.toContain(ahead)
  expect([...anna.tables.values.keys()]).not.toContain('ahead')
  expect(server.size).toBe(before + pending + 1)
  expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, conflicts: 0 })
  expect(anna.position.stateHash).toBe(server.stateHash())
  expect(await anna.findings()).toEqual([])
}
