import { DeviceKey } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { NOW, realApi } from '../testing/real-api.ts'
import { overRest } from '../testing/transports.ts'

const api = await realApi()

const invalidCode = { status: 410, error: { code: 'ENROLLMENT_INVALID', retryable: false } }

async function outcome(answer: Response): Promise<Record<string, unknown>> {
  const body = (await answer.json()) as Record<string, unknown>
  return { status: answer.status, ...body }
}

describe('opening an enrollment', () => {
  it('[ENR-1][OPS-39] gives an admin a code and a link that holds it in the fragment, once', async () => {
    const workspaceId = await api.workspace()
    const token = await api.device(workspaceId, 'dev_admin', 'admin')
    const call = {
      operation: 'devices.openEnrollment',
      token,
      input: { deviceId: 'dev_new', role: 'agronomist' },
      key: 'open-1',
    } as const
    const opened = await overRest(api.url, call)
    if (!opened.ok) throw new Error(JSON.stringify(opened))
    const { code, link } = opened.answer as { code: string; link: string }
    expect(code).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{6}$/)
    expect(link).toBe(`${api.url}/app/#enroll=${code}`)
    const expiresAt = new Date(NOW.getTime() + 600_000).toISOString()
    expect(opened.answer).toMatchObject({ deviceId: 'dev_new', role: 'agronomist', expiresAt })
    const again = await overRest(api.url, call)
    expect(again).toMatchObject({ ok: true, replayed: true, answer: { code: null, link: null, expiresAt } })
  })

  it.each(['dev_web_1', 'dev_svc_1'])('[IDS-4] is refused for the reserved id %s', async (deviceId) => {
    const token = await api.device(await api.workspace(), 'dev_admin', 'admin')
    const refused = await overRest(api.url, {
      operation: 'devices.openEnrollment',
      token,
      input: { deviceId },
    })
    expect(refused).toMatchObject({ status: 400, error: { details: { issues: [{ path: '/deviceId' }] } } })
  })
})

describe('enrolling', () => {
  it('[ENR-2][OPS-40] registers the key, and answers the same code with the same key as the first time', async () => {
    const workspaceId = await api.workspace()
    const code = await api.enrollmentCode(workspaceId, 'dev_new', 'agronomist')
    const key = await DeviceKey.generate()
    const expected = {
      status: 200,
      clientId: `${workspaceId}/dev_new`,
      workspaceId,
      deviceId: 'dev_new',
      role: 'agronomist',
      keyFingerprint: key.thumbprint,
      confirmed: true,
    }
    expect(await outcome(await key.enroll(api.url, code))).toEqual(expected)
    expect(await outcome(await key.enroll(api.url, code.toLowerCase().replaceAll('-', ' ')))).toEqual(
      expected,
    )
  })

  it('[ENR-4][ERR-22] refuses a used, an expired, a replaced and an unknown code in the same words', async () => {
    const workspaceId = await api.workspace()
    const [first, second, third] = [
      await DeviceKey.generate(),
      await DeviceKey.generate(),
      await DeviceKey.generate(),
    ]
    const used = await api.enrollmentCode(workspaceId, 'dev_new')
    expect((await first.enroll(api.url, used)).status).toBe(200)
    const replaced = await api.enrollmentCode(workspaceId, 'dev_other')
    await api.enrollmentCode(workspaceId, 'dev_other')
    const revoked = await api.enrollmentCode(workspaceId, 'dev_new')
    await api.revoke(workspaceId, 'dev_new')
    const texts = new Set<string>()
    for (const code of [used, replaced, revoked, 'ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZZ', 'x', ' ']) {
      const refused = await outcome(await second.enroll(api.url, code))
      expect(refused).toMatchObject(invalidCode)
      texts.add((refused['error'] as { message: string }).message)
    }
    expect(texts.size).toBe(1)
    const expired = await api.enrollmentCode(workspaceId, 'dev_third')
    await api.superuser(
      `UPDATE enrollments SET expires_at = '${NOW.toISOString()}' WHERE device_id = 'dev_third'`,
    )
    expect(await outcome(await third.enroll(api.url, expired))).toMatchObject(invalidCode)
  })

  it('[ENR-2] of two keys with one code at once one is enrolled', async () => {
    const workspaceId = await api.workspace()
    const code = await api.enrollmentCode(workspaceId, 'dev_new')
    const keys = await Promise.all(Array.from({ length: 6 }, () => DeviceKey.generate()))
    const answers = await Promise.all(keys.map((key) => key.enroll(api.url, code)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 410)).toHaveLength(5)
  })

  it('[ENR-3] needs a proof by the key that is enrolled, over this body', async () => {
    const workspaceId = await api.workspace()
    const code = await api.enrollmentCode(workspaceId, 'dev_new')
    const [key, other] = [await DeviceKey.generate(), await DeviceKey.generate()]
    const body = JSON.stringify({ code, publicKeyJwk: other.publicJwk })
    const refused = (reason: string, action: string) => ({
      status: 401,
      error: { details: { reason, action } },
    })
    expect(await outcome(await key.enroll(api.url, code, { body }))).toMatchObject(
      refused('proof_invalid', 'new_proof'),
    )
    expect(await outcome(await key.enroll(api.url, code, { proof: { body: '{}' } }))).toMatchObject(
      refused('proof_invalid', 'new_proof'),
    )
    expect(await outcome(await key.enroll(api.url, code, { proof: { nonce: 'x' } }))).toMatchObject(
      refused('nonce', 'retry_with_nonce'),
    )
    expect((await key.enroll(api.url, code)).status).toBe(200)
  })

  it('[ENR-2] readmits a revoked device under its own id, and shuts its earlier credentials out', async () => {
    const workspaceId = await api.workspace()
    const token = await api.device(workspaceId, 'dev_scout_1', 'scout')
    await api.revoke(workspaceId, 'dev_scout_1')
    const key = await DeviceKey.generate()
    expect((await key.enroll(api.url, await api.enrollmentCode(workspaceId, 'dev_scout_1'))).status).toBe(200)
    const session = await overRest(api.url, { operation: 'session.get', token, input: {} })
    expect(session).toMatchObject({ status: 401, error: { details: { reason: 'revoked' } } })
    const accessToken = await api.accessToken(key, `${workspaceId}/dev_scout_1`)
    const answer = await key.send(`${api.url}/v1/session`, { accessToken })
    expect(await answer.json()).toMatchObject({ deviceId: 'dev_scout_1', role: 'scout' })
  })

  it('[ENR-4][ERR-18] guesses of a code count against their address, and each leaves one line in the log', async () => {
    const logged: Record<string, unknown>[] = []
    const spent: string[] = []
    await using limited = await api.another({
      logger: { warn: (fields) => void logged.push(fields), error: (fields) => void logged.push(fields) },
      rateLimiter: {
        consume: (key) => {
          spent.push(key)
          return spent.length > 3 ? { ok: false, retryAfterSeconds: 60 } : { ok: true }
        },
      },
    })
    const key = await DeviceKey.generate()
    // The first call has no nonce yet, which counts and is no news.
    const statuses = []
    for (let i = 0; i < 4; i++) statuses.push((await key.enroll(limited.url, `${i}`.padEnd(26, '0'))).status)
    expect(statuses).toEqual([410, 410, 429, 429])
    expect(logged.map(({ code, reason }) => [code, reason])).toEqual([
      ['ENROLLMENT_INVALID', undefined],
      ['ENROLLMENT_INVALID', undefined],
    ])
    expect(JSON.stringify(logged)).not.toContain('00000000')
    const [forNonce, ...forCodes] = spent
    expect(forNonce).toBe('failed-credential:127.0.0.1')
    expect(new Set(forCodes)).toEqual(new Set(['failed-enrollment:127.0.0.1']))
  })
})
