import { gzipSync } from 'node:zlib'

import { observation, syncBatch } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { realApi } from './testing/real-api.ts'
import { envelopeOf, rest, type RestCall } from './testing/rest-client.ts'

const api = await realApi({ limits: { maxBytes: 64 * 1024, maxRecords: 1 } })

const batch = (overrides: object = {}): string => JSON.stringify({ ...syncBatch(), ...overrides })
const two = [observation(), observation()]

/** Requests that are refused for their content, each at a different step of ERR-4. */
const REFUSED: readonly [string, string, RestCall][] = [
  ['no JSON', 'VALIDATION_ERROR', { body: '{"syncId":' }],
  ['no key', 'VALIDATION_ERROR', { body: batch(), headers: { 'idempotency-key': '' } }],
  ['a broken contract', 'VALIDATION_ERROR', { body: batch({ syncId: 7 }) }],
  [
    'too many bytes once decoded',
    'PAYLOAD_TOO_LARGE',
    { body: gzipSync(' '.repeat(70_000)), headers: { 'content-encoding': 'gzip' } },
  ],
  ['too many records', 'PAYLOAD_TOO_LARGE', { body: JSON.stringify(syncBatch({ observations: two })) }],
  ['a lost cursor', 'CURSOR_INVALID', { body: batch({ lastKnownServerCursor: 'cur1_9_lost' }) }],
]

it.each(REFUSED)(
  '[ERR-4][ACC-4] a cached caller that is revoked gets that answer first, not %s',
  async (_what, code, call) => {
    const workspaceId = await api.workspace()
    const token = await api.device(workspaceId, 'dev_scout_1', 'scout')
    const send = () =>
      rest(`${api.url}/v1/sync/batch`, { ...call, headers: { ...call.headers, 'x-device-token': token } })
    expect(
      (await rest(`${api.url}/v1/sync/batch`, { body: batch(), headers: { 'x-device-token': token } }))
        .status,
    ).toBe(200)
    expect(envelopeOf(await send()).code).toBe(code)
    await api.revoke(workspaceId, 'dev_scout_1')
    expect(envelopeOf(await send())).toMatchObject({ code: 'AUTH_REQUIRED', details: { reason: 'revoked' } })
  },
)
