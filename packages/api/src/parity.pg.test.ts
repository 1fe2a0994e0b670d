import { OPERATIONS } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { AUDIT_CORPUS } from './testing/parity-corpus-audit.ts'
import { GENERATION_CORPUS } from './testing/parity-corpus-generation.ts'
import { GRANTS_CORPUS } from './testing/parity-corpus-grants.ts'
import { OPERATORS_CORPUS } from './testing/parity-corpus-operators.ts'
import { PEOPLE_CORPUS } from './testing/parity-corpus-people.ts'
import { PUBLISHING_CORPUS } from './testing/parity-corpus-publishing.ts'
import { CORPUS, type Step } from './testing/parity-corpus.ts'
import { realApi } from './testing/real-api.ts'
import {
  type Call,
  type Transport,
  type Outcome,
  overAlias,
  overRest,
  overTrpc,
} from './testing/transports.ts'

const STEPS = [
  ...CORPUS,
  ...GENERATION_CORPUS,
  ...OPERATORS_CORPUS,
  ...GRANTS_CORPUS,
  ...PUBLISHING_CORPUS,
  ...PEOPLE_CORPUS,
  ...AUDIT_CORPUS,
]

const api = await realApi({ limits: { maxBytes: 64 * 1024, maxRecords: 4 } })

describe('one corpus through both transports', async () => {
  const transports = await Promise.all([overRest, overTrpc, overAlias].map((transport) => caller(transport)))

  it.each(STEPS)(
    '[OPS-19, OPS-33] $operation: $name',
    async ({ operation, input, as = 'scout', key, expected }) => {
      const [rest, trpc, alias] = await Promise.all(
        transports.map(({ call }) => call({ operation, input, as, ...(key === undefined ? {} : { key }) })),
      )
      expect(trpc).toEqual(rest)
      expect(alias).toEqual(rest)
      if (typeof expected === 'string') expect(rest).toMatchObject({ ok: false, error: { code: expected } })
      else expect(rest).toMatchObject({ ok: true, ...expected })
    },
  )

  it('[OPS-19] the corpus calls every operation, and covers every code that a verb can answer', () => {
    expect(new Set(STEPS.map(({ operation }) => operation))).toEqual(new Set(Object.keys(OPERATIONS)))
    const met = new Set(STEPS.flatMap(({ expected }) => (typeof expected === 'string' ? [expected] : [])))
    expect([...met].toSorted()).toEqual([
      'AUTH_REQUIRED',
      'CONFLICT',
      'CURSOR_INVALID',
      'FORBIDDEN',
      'IDEMPOTENCY_CONFLICT',
      'NOT_FOUND',
      'PAYLOAD_TOO_LARGE',
      'PLAYBOOK_PATCH_INVALID',
      'PLAYBOOK_PATCH_PATH_NOT_ALLOWED',
      'PLAYBOOK_VERSION_MISMATCH',
      'VALIDATION_ERROR',
    ])
  })
})

/** Each transport has a workspace of its own, so that both see the same history. */
async function caller(transport: Transport) {
  const workspaceId = await api.workspace()
  const tokens: Partial<Record<NonNullable<Step['as']>, string>> = {
    scout: await api.device(workspaceId, 'dev_scout_1', 'scout'),
    agronomist: await api.device(workspaceId, 'dev_agronomist', 'agronomist'),
    admin: await api.device(workspaceId, 'dev_admin', 'admin'),
    viewer: await api.device(workspaceId, 'dev_viewer', 'viewer'),
    revoked: await api.device(workspaceId, 'dev_revoked', 'admin'),
    stranger: 'no-such-token',
  }
  await api.revoke(workspaceId, 'dev_revoked')
  return {
    call: async ({ as, ...call }: Omit<Call, 'token'> & { as: NonNullable<Step['as']> }): Promise<Outcome> =>
      comparable(await transport(api.url, { ...call, token: tokens[as] })),
  }
}

/** Blanks what differs by design: secrets of a workspace, ids of requests and what is derived from them. */
function comparable(outcome: Outcome): Outcome {
  const blank = new Set([
    'serverCursor',
    'conflictId',
    'requestId',
    'hash',
    'bodySha256',
    'token',
    'clientSecret',
    'grantId',
    'link',
    'workspaceUid',
    'invitationId',
  ])
  const text = JSON.stringify(outcome, (key, value: unknown) => {
    const isSecret = blank.has(key) || (key === 'code' && /^.{5}-/.test(String(value)))
    return isSecret && value !== null ? `<${key}>` : value
  }).replaceAll(/ws_[0-9a-f-]{36}/g, '<workspace>')
  return JSON.parse(text) as Outcome
}
