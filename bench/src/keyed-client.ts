import { DeviceKey } from '@fieldsync/testkit'

/** A client that proves a key with every call; signing is part of the measurement, as it is part of a device's work. */
export type KeyedClient = {
  headers(method: string, url: string, body: string): Promise<Record<string, string>>
}

// Well before a token or a nonce ends.
const RENEWED_AFTER_MS = 5 * 60_000

/** Upgrades the device of a token to a key, and gets access tokens for it. */
export async function keyedClient(server: string, token: string, clientId: string): Promise<KeyedClient> {
  const key = await DeviceKey.generate()
  const url = `${server}/v1/devices:upgrade`
  const headers = { 'x-device-token': token, 'idempotency-key': 'upgrade' }
  const body = JSON.stringify({ publicKeyJwk: key.publicJwk })
  // The first answer gives the nonce.
  await key.send(url, { body, headers })
  const upgraded = await key.send(url, { body, headers })
  if (!upgraded.ok) throw new Error(await upgraded.text())
  let accessToken = ''
  let renewedAt = Number.NEGATIVE_INFINITY
  return {
    headers: async (method, address, text) => {
      if (performance.now() - renewedAt > RENEWED_AFTER_MS) {
        const answer = await key.token(server, clientId, { at: new Date() })
        if (!answer.ok) throw new Error(await answer.text())
        accessToken = ((await answer.json()) as { access_token: string }).access_token
        renewedAt = performance.now()
      }
      const dpop = await key.proof({ method, url: address, accessToken, body: text })
      return { authorization: `DPoP ${accessToken}`, dpop }
    },
  }
}
