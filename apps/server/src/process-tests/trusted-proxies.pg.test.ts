import { startServer, testDatabase } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

const { ownerUrl } = await testDatabase()

/** The address that a running server takes a caller to have, who claims others in `X-Forwarded-For`. */
async function addressOf(trusted: string, claimed: string): Promise<unknown> {
  await using server = await startServer({ env: { DATABASE_URL: ownerUrl, TRUST_PROXY: trusted } })
  const headers = { 'x-device-token': 'a-token-that-nobody-has', 'x-forwarded-for': claimed }
  expect((await fetch(`${server.url}/v1/observations`, { headers })).status).toBe(401)
  return (await server.logged('credential refused'))['address']
}

it.each([
  ['another proxy is trusted', '198.51.100.1', '203.0.113.5', '127.0.0.1'],
  ['one hop is trusted', '1', '203.0.113.5, 198.51.100.7', '198.51.100.7'],
])('where %s, the address of a caller is that of the last one not trusted', async (...row) => {
  const [, trusted, claimed, address] = row
  expect(await addressOf(trusted, claimed)).toBe(address)
})
