import { CONTRACT_HEADER } from '@fieldsync/contracts'
import { systemClock, Witnesses } from '@fieldsync/services'
import { device, syncBatch } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { realApi } from './testing/real-api.ts'

const api = await realApi()
const NOTE = 'fieldsync/audit/ws_a/wsu_a\n3\nhash\n\n— fieldsync-audit AbCd\n'

/** The checkpoint in the answer to a pull. */
async function given(token: string, path: string, contract: string | undefined, checkpoint?: string) {
  const report = { pending: 0, conflicts: 0, quarantined: 0, ...(checkpoint !== undefined && { checkpoint }) }
  const batch = { ...syncBatch({ device: device({ deviceId: 'dev_scout_1' }) }), report }
  const answer = await fetch(`${api.url}${path}`, {
    method: 'POST',
    headers: {
      'X-Device-Token': token,
      'Idempotency-Key': batch.syncId,
      'Content-Type': 'application/json',
      ...(contract !== undefined && { [CONTRACT_HEADER]: contract }),
    },
    body: JSON.stringify(batch),
  })
  expect(answer.status).toBe(200)
  const body = (await answer.json()) as { checkpoint?: string; result?: { data: { checkpoint?: string } } }
  return (body.result?.data ?? body).checkpoint
}

it.each(['/v1/sync/batch', '/trpc/sync.batch'])(
  '[AUD-32, HDR-4] %s gives a checkpoint to clients that announce a contract which has them',
  async (path) => {
    const workspaceId = await api.workspace()
    const token = await api.device(workspaceId, 'dev_scout_1', 'scout')
    const request = { requestId: '', traceId: '', via: 'system', idempotencyKey: '' } as const
    const ctx = { runtime: api.runtime, clock: systemClock, request }
    const witnesses = new Witnesses(ctx, { verifierKeys: [], stores: [] })
    api.runtime.checkpoints = witnesses
    expect(await given(token, path, '1.7.0')).toBeUndefined()
    witnesses.know(workspaceId, { origin: '', seq: 3, hash: '', note: NOTE })
    expect(await given(token, path, '1.7.0')).toBe(NOTE)
    expect(await given(token, path, '1.7.0', NOTE)).toBeUndefined()
    expect(await given(token, path, '1.6.0')).toBeUndefined()
    expect(await given(token, path, undefined)).toBeUndefined()
    const health = async () => (await (await fetch(`${api.url}/v1/health`)).json()) as object
    expect(await health()).not.toHaveProperty('audit')
    const problem = { workspaceId, kind: 'cut', reason: '' } as const
    witnesses.rounded({ written: 0, problems: [problem], failures: [] })
    expect(await health()).toMatchObject({ audit: 'contradicted' })
    api.runtime.checkpoints = undefined
  },
)
