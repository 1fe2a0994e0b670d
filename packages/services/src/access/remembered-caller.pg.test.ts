import { SyncBatchRequest } from '@fieldsync/contracts'
import { observation, syncBatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { getObservation } from '../records/get.ts'
import { applyBatch } from '../sync/apply-batch.ts'
import { type TestDevice, testServices } from '../testing/test-workspace.ts'
import { authenticate } from './authenticate.ts'

const services = await testServices()
const { db, runtime } = services

const remembered = (device: TestDevice) =>
  authenticate({
    ctx: { ...services.admin, runtime },
    credentials: { deviceToken: device.token, bearer: undefined },
    fromMemory: true,
  })

/** Sends as the caller that the server remembers. */
async function sendRemembered(device: TestDevice, batch = syncBatch({ observations: [observation()] })) {
  const ctx = { ...device.ctx(batch.syncId), actor: await remembered(device) }
  expect(ctx.actor.confirm).toBeDefined()
  const input = SyncBatchRequest.parse({
    ...batch,
    device: { ...batch.device, deviceId: device.actor.deviceId },
  })
  return await applyBatch({ ctx, input })
}

const setRole = (device: TestDevice, role: string) =>
  db.pool.query(
    'UPDATE devices SET role = $1, epoch = epoch + 1 WHERE workspace_id = $2 AND device_id = $3',
    [role, device.actor.workspaceId, device.actor.deviceId],
  )

describe('a remembered caller', () => {
  it.each([
    ['push', () => syncBatch({ observations: [observation()] })],
    ['pull', () => syncBatch()],
  ])('[ACC-4] that was revoked is refused on its next %s, and from then on', async (_, batch) => {
    const workspace = await services.workspace()
    const scout = await workspace.device('dev_scout_1')
    await sendRemembered(scout)
    await scout.revoke()
    const revoked = { code: 'AUTH_REQUIRED', details: { reason: 'revoked', action: 're_enrol' } }
    await expect(sendRemembered(scout, batch())).rejects.toMatchObject(revoked)
    await expect(sendRemembered(scout, batch())).rejects.toMatchObject(revoked)
  })

  it('[ACC-4] whose role changed is judged by the new one at once, up or down', async () => {
    const workspace = await services.workspace()
    const device = await workspace.device('dev_scout_1', 'viewer')
    await expect(sendRemembered(device)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await setRole(device, 'scout')
    expect((await sendRemembered(device)).document.toJSON().acceptedCounts.observations).toBe(1)
    await setRole(device, 'viewer')
    await expect(sendRemembered(device)).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  it('[ACC-4] is looked up before a verb that does not check again', async () => {
    const workspace = await services.workspace()
    const scout = await workspace.device('dev_scout_1')
    const seen = observation()
    await scout.send(syncBatch({ observations: [seen] }))
    const ctx = { ...scout.ctx(), actor: await remembered(scout) }
    await scout.revoke()
    const observationId = SyncBatchRequest.shape.upserts.shape.observations.element.shape.observationId.parse(
      seen.observationId,
    )
    await expect(getObservation({ ctx, input: { observationId } })).rejects.toMatchObject({
      code: 'AUTH_REQUIRED',
    })
  })

  it('[ACC-4] that was refused is forgotten; of too many, the one whose last call is the longest ago', async () => {
    const workspace = await services.workspace()
    const [early, late] = [await workspace.device('dev_scout_1'), await workspace.device('dev_scout_2')]
    const { accessCache } = runtime
    accessCache.clear()
    await remembered(early)
    await early.revoke()
    await expect(remembered(early).then(({ confirm }) => confirm?.())).rejects.toMatchObject({
      code: 'AUTH_REQUIRED',
    })
    expect(accessCache.size).toBe(0)
    await remembered(late)
    for (let other = 1; other < 10_000; other++) accessCache.set(`${other}`, { actor: late.actor })
    await remembered(late)
    await remembered(await workspace.device('dev_scout_3'))
    expect(accessCache.size).toBe(10_000)
    expect(accessCache.has('1')).toBe(false)
    expect((await remembered(late)).confirm).toBeDefined()
    accessCache.clear()
  })
})
