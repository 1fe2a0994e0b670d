import type { OperationName } from '@fieldsync/contracts'
import { altered, observation, playbookPatch, seededRandom, syncBatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { realApi } from './testing/real-api.ts'
import { type Outcome, overRest } from './testing/transports.ts'

const api = await realApi()
const rng = seededRandom(11)

/** A workspace with one device of each role that these rows need; `call` goes through REST. */
async function farm() {
  const workspaceId = await api.workspace()
  const tokens = {
    viewer: await api.device(workspaceId, 'dev_viewer', 'viewer'),
    scout: await api.device(workspaceId, 'dev_scout_1', 'scout'),
    other: await api.device(workspaceId, 'dev_scout_2', 'scout'),
    agronomist: await api.device(workspaceId, 'dev_agronomist', 'agronomist'),
  }
  return (as: keyof typeof tokens, operation: OperationName, input: object, key?: string): Promise<Outcome> =>
    overRest(api.url, {
      operation,
      input: { ...input },
      token: tokens[as],
      ...(key === undefined ? {} : { key }),
    })
}

const patch = (overrides: object = {}) =>
  playbookPatch({ requestedByDeviceId: 'dev_agronomist', ...overrides }, rng)
const windTo = (value: unknown, path = '/rules/rule_pm_moderate/constraints/maxWindKph') => ({
  operations: [{ op: 'replace' as const, path, value: value as number }],
})
const refused = (status: number, code: string, details: unknown) => ({
  ok: false,
  status,
  error: { code, retryable: false, details },
})

describe('a single-record call', () => {
  it('[ERR-8] of a patch outside the editable paths, or with an invalid result, is a 400 of that name', async () => {
    const call = await farm()
    const outside = await call(
      'agronomist',
      'playbooks.applyPatch',
      patch(windTo(9, '/rules/rule_pm_moderate/severity')),
    )
    expect(outside).toMatchObject(
      refused(400, 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED', { issues: [{ path: '/operations/0/path' }] }),
    )
    const invalid = await call('agronomist', 'playbooks.applyPatch', patch(windTo(-1)))
    expect(invalid).toMatchObject(
      refused(400, 'PLAYBOOK_PATCH_INVALID', {
        conflict: { code: 'PLAYBOOK_PATCH_INVALID', resolution: 'fix' },
      }),
    )
  })

  it('[ERR-10] that is not allowed says why, and carries its conflict', async () => {
    const call = await farm()
    const seen = observation({}, rng)
    expect(await call('viewer', 'observations.create', seen)).toMatchObject(
      refused(403, 'FORBIDDEN', { reason: 'role' }),
    )
    expect(await call('other', 'observations.create', seen)).toMatchObject(
      refused(403, 'FORBIDDEN', {
        reason: 'device_mismatch',
        conflict: { code: 'FORBIDDEN', resolution: 'fix' },
      }),
    )
    await call('scout', 'observations.create', seen)
    const edited = altered(seen, '/rawNoteText', 'Edited by somebody else.') as object
    expect(await call('other', 'observations.create', edited, 'edit')).toMatchObject(
      refused(403, 'FORBIDDEN', {
        reason: 'role',
        conflict: { resolution: 'accept_server', server: { record: seen } },
      }),
    )
    const batch = syncBatch({ observations: [observation({}, rng)] }, rng)
    expect(await call('other', 'sync.batch', batch)).toMatchObject(
      refused(403, 'FORBIDDEN', { reason: 'device_mismatch' }),
    )
  })

  it('[ERR-13] that ends in a conflict carries it whole', async () => {
    const call = await farm()
    const seen = observation({ status: 'confirmed' }, rng)
    await call('scout', 'observations.create', seen)
    const edited = { ...seen, rawNoteText: 'Changed without a correction.' }
    expect(await call('scout', 'observations.create', edited, 'edit')).toMatchObject(
      refused(409, 'CONFLICT', {
        conflict: {
          entityType: 'observation',
          entityId: seen.observationId,
          code: 'OBSERVATION_IMMUTABLE',
          resolution: 'correct',
          conflictId: expect.stringMatching(/^cnf_/),
          server: { record: seen },
        },
      }),
    )
  })

  it('[ERR-15] of a patch on another version names the active one, and what a rebase needs', async () => {
    const call = await farm()
    const first = patch(windTo(9))
    await call('agronomist', 'playbooks.applyPatch', first)
    expect(await call('agronomist', 'playbooks.applyPatch', patch(windTo(8)))).toMatchObject(
      refused(409, 'PLAYBOOK_VERSION_MISMATCH', {
        activeVersion: 4,
        conflict: {
          resolution: 'rebase',
          playbook: { activeVersion: 4, intervening: [{ patchId: first.patchId }] },
        },
      }),
    )
  })
})

describe('a batch', () => {
  it('[OPS-4] is answered 200 with its counts, and 409 [ERR-14] under a key that is bound to another', async () => {
    const call = await farm()
    const batch = syncBatch({ observations: [observation({}, rng)] }, rng)
    expect(await call('scout', 'sync.batch', batch)).toMatchObject({
      ok: true,
      answer: { syncId: batch.syncId, acceptedCounts: { observations: 1 }, conflicts: [] },
      replayed: false,
    })
    const other = syncBatch({ observations: [observation({}, rng)] }, rng)
    expect(await call('scout', 'sync.batch', other, batch.syncId)).toMatchObject({
      ok: false,
      status: 409,
      error: { code: 'IDEMPOTENCY_CONFLICT', retryable: false },
    })
  })

  it.each(['cur1_1_00000000000000000000000000000000', 'cur1_1', 'nonsense', ' '])(
    '[ERR-16] with the cursor %j is a CURSOR_INVALID and stores nothing',
    async (lastKnownServerCursor) => {
      const call = await farm()
      const seen = observation({}, rng)
      const batch = syncBatch({ observations: [seen], lastKnownServerCursor }, rng)
      expect(await call('scout', 'sync.batch', batch)).toMatchObject({
        ok: false,
        status: 409,
        error: { code: 'CURSOR_INVALID', retryable: false },
      })
      const { observationId } = seen
      expect(await call('scout', 'observations.get', { observationId })).toMatchObject({
        ok: false,
        status: 404,
      })
    },
  )
})
