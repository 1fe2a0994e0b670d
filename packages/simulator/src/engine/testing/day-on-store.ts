import type { LocalStore } from '@fieldsync/sync-engine'
import type { Position } from '@fieldsync/sync-engine/testing'
import { expect } from 'vitest'

import { TestDevice } from './test-device.ts'
import { testWorld } from './test-world.ts'

const wind = (value: number) => ({
  playbookId: 'pbk_yolo_grape',
  reason: `wind ${value}`,
  operations: [{ op: 'replace' as const, path: '/rules/rule_pm_moderate/constraints/maxWindKph', value }],
})

/**
 * A whole engine on a platform's own store: writes, chains, answers in pages, each kind of conflict, a crash of the
 * network in the middle, a server that was restored. Everything ends sent and equal.
 */
export async function dayOnStore(store: LocalStore): Promise<void> {
  const settings = { batchRecords: 4, pageRecords: 2 }
  const { clock, server, anna } = await testWorld({ settings })
  const cleo = await TestDevice.open({ server, name: 'cleo', clock, options: { store, settings } })
  const { engine } = cleo
  const shared = await anna.saved({ observationId: 'obs_20260211_0001' })
  await anna.sync()
  const backup = server.backup()
  const drafts = []
  for (let i = 0; i < 6; i++) drafts.push(await cleo.saved())
  await cleo.saved({ observationId: shared.observationId })
  const confirmed = await cleo.saved({ status: 'confirmed' })
  await engine.correct(confirmed.observationId, { rawNoteText: 'corrected' }, 'misread')
  await engine.saveRecommendation(cleo.advice({ observationId: confirmed.observationId }))
  cleo.link.next('unsent', 'lost', 'lost')
  await cleo.sync()
  expect(engine.status().state).toBe('sync_deferred')
  await cleo.sync()
  await engine.patchPlaybook(wind(9))
  await engine.patchPlaybook(wind(10))
  await cleo.sync()
  const [taken] = await engine.conflicts()
  expect(await engine.resolve.rename(taken?.id ?? '')).toMatchObject({ ok: true })
  server.model.setBuild({ refuses: (record) => 'rawNoteText' in record && record.rawNoteText === 'bad' })
  await cleo.saved({ rawNoteText: 'bad' })
  await cleo.sync()
  const [quarantined] = await engine.conflicts()
  expect(await engine.resolve.discard(quarantined?.id ?? '')).toMatchObject({ ok: true })
  server.restore(backup)
  await cleo.sync()
  await anna.sync()
  await cleo.sync()
  expect(engine.status()).toMatchObject({ state: 'idle', pending: 0, conflicts: 0, quarantined: 0 })
  expect(drafts.filter(({ observationId }) => !server.observation(observationId))).toEqual([])
  expect(server.playbook()?.version).toBe(5)
  expect(await engine.records('observation', { limit: 4, reverse: true })).toHaveLength(4)
  const position = await store.read((transaction) => transaction.get('values', 'position'))
  expect((position as Position).stateHash).toBe(server.stateHash())
}
