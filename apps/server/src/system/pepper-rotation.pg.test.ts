import { OAUTH_PATHS } from '@fieldsync/contracts'
import { DeviceKey, runProgram, type TestServer } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { sync } from '../testing/sync-over-http.ts'
import { PEPPER, sharedSystem } from './testing/shared-system.ts'

const NEXT = 'the pepper that takes over from the other one'
const PUBLIC_URL = 'https://sync.example.com'
const system = await sharedSystem(1, { PUBLIC_URL })

/** A call with an access token, from any server of the database. */
async function session(server: TestServer, key: DeviceKey, accessToken: string): Promise<number> {
  const proof = { url: `${PUBLIC_URL}/v1/session` }
  return (await key.send(`${server.url}/v1/session`, { accessToken, proof })).status
}

async function tokenOf(server: TestServer, key: DeviceKey, clientId: string): Promise<string> {
  const proof = { url: `${PUBLIC_URL}${OAUTH_PATHS.token}` }
  const claims = { aud: PUBLIC_URL }
  const answer = await key.token(server.url, clientId, { at: new Date(), claims, proof })
  if (!answer.ok) throw new Error(await answer.text())
  return ((await answer.json()) as { access_token: string }).access_token
}

async function enroll(server: TestServer, key: DeviceKey, code: string): Promise<number> {
  const body = JSON.stringify({ code, publicKeyJwk: key.publicJwk })
  const proof = { url: `${PUBLIC_URL}/v1/devices/enroll` }
  return (await key.enroll(server.url, code, { body, proof })).status
}

it('[ACC-22][RUN-24] servers that are restarted in turns refuse nobody, from the old pepper to the new one', async () => {
  const [first] = system.servers
  const workspaceId = await system.workspace()
  const devices = await Promise.all(
    ['dev_a', 'dev_b', 'dev_c'].map((id) => system.device(workspaceId, id, 'scout')),
  )
  const syncAll = async (servers: readonly TestServer[]) => {
    for (const { url } of servers) {
      const answers = await Promise.all(devices.map((device) => sync({ ...device, url })))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    }
  }
  const key = await DeviceKey.generate()
  expect(await enroll(first, key, await system.enrollmentCode(workspaceId, 'dev_key'))).toBe(200)
  const clientId = `${workspaceId}/dev_key`
  const early = await tokenOf(first, key, clientId)
  const openCode = await system.enrollmentCode(workspaceId, 'dev_later')
  const later = await DeviceKey.generate()
  await syncAll([first])

  // Every server learns the new pepper as one that it accepts, then it becomes the one of each.
  const both = await Promise.all([
    system.start({ PEPPER, PEPPER_PREVIOUS: NEXT }),
    system.start({ PEPPER: NEXT, PEPPER_PREVIOUS: PEPPER }),
  ])
  await using prepared = both[0]
  await using rotating = both[1]
  await prepared.logged('no token or secret depends on the previous pepper')
  const left = await rotating.logged('tokens and secrets still depend on the previous pepper')
  expect(left).toMatchObject({ tokens: 3 })
  await syncAll([first, prepared])
  for (const server of [prepared, rotating, prepared]) {
    // The nonce of the proof is that of the other server's last answer.
    expect(await session(server, key, early)).toBe(200)
    expect(await session(server, key, await tokenOf(server, key, clientId))).toBe(200)
    await syncAll([server])
  }
  await syncAll([rotating])
  expect(await enroll(rotating, later, openCode)).toBe(200)
  expect(await session(rotating, key, early)).toBe(200)

  await using last = await system.start({ PEPPER: NEXT })
  await syncAll([last])
  expect(await session(last, key, early)).toBe(200)
  expect(await session(last, later, await tokenOf(last, later, `${workspaceId}/dev_later`))).toBe(200)
  expect(await enroll(last, later, openCode)).toBe(200)
})

it.each([
  ['is the pepper itself', PEPPER, PEPPER, 1, /are the same secret; set the previous one/],
  ['is short', PEPPER, 'canary', 2, /PEPPER_PREVIOUS.*\(value hidden\).*at least 32 characters/],
  [
    'is not what the pepper was before',
    `${NEXT} that nobody has`,
    'canary of a pepper that was never the one',
    1,
    /neither the pepper nor the previous one opens the signing keys/,
  ],
])(
  '[RUN-24] a previous pepper that %s stops the start in words',
  async (_, pepper, previous, code, words) => {
    const { serverEnv } = system.database
    const env = { ...serverEnv, PORT: '0', PEPPER: pepper, PEPPER_PREVIOUS: previous }
    const ended = await runProgram('main.ts', [], env)
    expect(ended.code).toBe(code)
    expect(ended.stderr).toMatch(words)
    expect(ended.stderr + ended.stdout).not.toContain('canary')
  },
)
