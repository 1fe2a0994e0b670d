import { isFieldsyncError, NetworkError } from '@fieldsync/client'
import { openSoftwareSigner } from '@fieldsync/client/signers/software'
import { OpenedEnrollment } from '@fieldsync/contracts'
import { callOperation, memorySecrets, testDatabase } from '@fieldsync/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { ADMIN, type AppWorld, startAppWorld } from '../testing/app-world.ts'
import { credentialOf } from './credential.ts'
import { enroll } from './enrollment.ts'

let world: AppWorld
beforeAll(async () => {
  world = await startAppWorld((await testDatabase()).serverEnv)
}, 300_000)
afterAll(() => world[Symbol.asyncDispose]())

/** A phone whose key store holds what it is given. */
function phone() {
  const secrets = memorySecrets()
  return {
    kind: 'android' as const,
    defaultServer: '',
    network: {},
    openSigner: (owner: { url: string; name: string }) => openSoftwareSigner({ owner, secrets }),
  }
}

async function codeFor(deviceId: string): Promise<string> {
  const { url } = world.server
  const input = { deviceId }
  const call = { url, token: ADMIN.token, operation: 'devices.openEnrollment', input } as const
  const { text } = await callOperation({ ...call, key: `enroll-${deviceId}-${Math.random()}` })
  return OpenedEnrollment.parse(JSON.parse(text)).code ?? ''
}

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('a phone that is set up with a code', () => {
  it('[ENR-2, ENG-75] has a key and no token, and the same one with the same code, however it is typed', async () => {
    const platform = phone()
    const server = world.server.url
    const code = await codeFor('dev_key_1')
    const first = await enroll(platform, { server, code })
    expect(first).toMatchObject({
      server,
      deviceId: 'dev_key_1',
      token: '',
      key: { clientId: 'ws_ridge/dev_key_1', storage: 'software' },
    })
    expect(JSON.stringify(first)).not.toContain(code.slice(0, 11))
    const typed = code.toLowerCase().replaceAll('-', '').replaceAll('0', 'o').replaceAll('1', 'l')
    expect(await enroll(platform, { server, code: typed })).toEqual(first)
    const credential = credentialOf(platform, first)
    const request = { method: 'GET', url: `${server}/v1/session`, body: undefined }
    const answer = await fetch(request.url, { headers: await credential.headers(request) })
    expect(await answer.json()).toMatchObject({ deviceId: 'dev_key_1' })
  })

  it('has another key for each code', async () => {
    const platform = phone()
    const server = world.server.url
    const connections = []
    for (const deviceId of ['dev_key_2', 'dev_key_2', 'dev_key_3']) {
      connections.push(await enroll(platform, { server, code: await codeFor(deviceId) }))
    }
    expect(new Set(connections.map(({ key }) => key?.name)).size).toBe(3)
    expect(new Set(connections.map(({ key }) => key?.fingerprint)).size).toBe(3)
  })

  it('[ENR-4] is refused with a code that another phone has used', async () => {
    const server = world.server.url
    const code = await codeFor('dev_key_4')
    await enroll(phone(), { server, code })
    expect(isFieldsyncError(await failureOf(enroll(phone(), { server, code })), 'ENROLLMENT_INVALID')).toBe(
      true,
    )
  })

  it('[ENG-75] gets in with the same code after every answer was lost', async () => {
    const platform = phone()
    const server = world.server.url
    const code = await codeFor('dev_key_5')
    const lossy = {
      fetch: async (...call: Parameters<typeof fetch>) => {
        await fetch(...call)
        throw new TypeError('the connection was cut')
      },
    }
    const lost = await failureOf(enroll({ ...platform, network: lossy }, { server, code }))
    expect(lost).toBeInstanceOf(NetworkError)
    expect(await enroll(platform, { server, code })).toMatchObject({ deviceId: 'dev_key_5' })
  })
})
