import { ErrorEnvelope } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { realApi } from './testing/real-api.ts'

const api = await realApi()
const codeOf = (text: string): string => ErrorEnvelope.parse(JSON.parse(text)).error.code

it('[OPS-33, OPS-18, IDM-2] a patch of the original console is applied, and known under the other path', async () => {
  const workspaceId = await api.workspace()
  const token = await api.device(workspaceId, 'dev_console_1', 'agronomist')
  // As that console sends it: an id of four digits, and a justification for each operation.
  const patch = {
    patchId: 'pch_20260211_0001',
    playbookId: 'pbk_yolo_grape',
    baseVersion: 3,
    requestedByDeviceId: 'dev_console_1',
    requestedAt: '2026-02-11T18:05:00Z',
    reason: 'Tighten the wind limit near the school',
    operations: [
      {
        op: 'replace',
        path: '/rules/rule_pm_moderate/constraints/maxWindKph',
        value: 9,
        justification: 'Drift was reported',
      },
    ],
  }
  const post = async (path: string, body: object, key: string) => {
    const answer = await fetch(`${api.url}/v1/playbooks/pbk_yolo_grape/${path}`, {
      method: 'POST',
      headers: { 'X-Device-Token': token, 'Idempotency-Key': key, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    return {
      status: answer.status,
      text: await answer.text(),
      replayed: answer.headers.get('idempotency-replayed'),
    }
  }
  const applied = await post('patches', patch, 'pch_20260211_0001')
  expect(applied).toMatchObject({ status: 200, replayed: null })
  expect(JSON.parse(applied.text)).toMatchObject({ oldVersion: 3, newVersion: 4, status: 'applied' })
  // One namespace of keys for both paths: a retry by the other is a replay, byte for byte.
  expect(await post('patches:apply', patch, 'pch_20260211_0001')).toEqual({ ...applied, replayed: 'true' })
  const changed = { ...patch, reason: 'Another' }
  const other = await post('patches', changed, 'pch_20260211_0001')
  expect([other.status, codeOf(other.text)]).toEqual([409, 'IDEMPOTENCY_CONFLICT'])
  const stale = await post('patches', { ...patch, patchId: 'pch_20260211_0002' }, 'pch_20260211_0002')
  expect([stale.status, codeOf(stale.text)]).toEqual([409, 'PLAYBOOK_VERSION_MISMATCH'])
})
