import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'

import { describe, expect, it } from 'vitest'

import type { AnswerToProof, CredentialProvider } from '../credentials/credential-provider.ts'
import { MOST_RENEWALS } from '../credentials/renewals.ts'
import { Arrivals } from '../testing/arrivals.ts'
import { localServer } from '../testing/local-server.ts'
import { testLink } from '../testing/test-link.ts'
import { callOnce, callRenewing } from './server-link.ts'

const TIME = '2026-02-12T08:00:00.000Z'
const refused = (action: string): string =>
  JSON.stringify({
    requestId: 'r',
    timestamp: TIME,
    error: {
      code: 'AUTH_REQUIRED',
      message: 'no',
      retryable: false,
      traceId: 't',
      details: { reason: 'any', action },
    },
  })

type Answer = { readonly status: number; readonly body: string; readonly headers?: Record<string, string> }
const DONE: Answer = { status: 200, body: '{}' }

/** A link to a server that gives these answers in turn, the last one to everything after it. */
async function linkTo(answers: readonly Answer[], renews: (action: string) => boolean = () => true) {
  const renewed: string[] = []
  const answered: AnswerToProof[] = []
  const bodies: (string | undefined)[] = []
  let requests = 0
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    await buffer(request)
    const { status, body, headers } = answers[Math.min(requests++, answers.length - 1)] ?? DONE
    response.writeHead(status, headers).end(body)
  }
  const credentials: CredentialProvider = {
    headers: ({ body }) => {
      bodies.push(body)
      return { 'x-proof': `${bodies.length}` }
    },
    answered: (answer) => void answered.push(answer),
    renew: (action) => {
      renewed.push(action)
      return Promise.resolve(renews(action))
    },
  }
  const url = await localServer((request, response) => void respond(request, response))
  const link = testLink({ url, credentials })
  return { link, url: `${url}/v1/any`, renewed, answered, bodies, requests: () => requests }
}

describe('a call whose credential is refused', () => {
  it('[ENG-28] is sent again after each action that the server requires, once each', async () => {
    const actions = ['retry_with_nonce', 'new_token', 'sync_clock', 'new_proof']
    const answers = [...actions.map((action) => ({ status: 401, body: refused(action) })), DONE]
    const { link, url, renewed, bodies } = await linkTo(answers)
    expect(await callRenewing(link, { method: 'GET', url })).toMatchObject({ status: 200 })
    expect(renewed).toEqual(actions)
    expect(bodies).toHaveLength(5)
  })

  it.each<[string, readonly string[], number]>([
    ['the same action', ['new_token'], 2],
    ['two actions in turns', ['new_token', 'retry_with_nonce', 'new_token'], 3],
    ['ever new actions', Array.from({ length: 20 }, (_, i) => `action_${i}`), MOST_RENEWALS + 1],
  ])('[ENG-28] is given up where the server requires %s', async (_, actions, most) => {
    const { link, url, requests } = await linkTo(
      actions.map((action) => ({ status: 401, body: refused(action) })),
    )
    expect(await callRenewing(link, { method: 'GET', url })).toMatchObject({ status: 401 })
    expect(requests()).toBe(most)
  })

  it('[ENG-28] is given up at once where an action is left to a person', async () => {
    const { link, url, requests } = await linkTo([{ status: 401, body: refused('re_enrol') }], () => false)
    await callRenewing(link, { method: 'GET', url })
    expect(requests()).toBe(1)
  })
})

describe('a credential', () => {
  it('sees the headers of every answer, and the server’s clock where it refuses the credential', async () => {
    const headers = { 'dpop-nonce': 'one' }
    const { link, url, answered } = await linkTo([
      { status: 401, body: refused('new_proof'), headers },
      { status: 503, body: refused('new_proof'), headers: { 'dpop-nonce': 'two' } },
      { ...DONE, headers: { 'dpop-nonce': 'three' } },
    ])
    for (let call = 0; call < 3; call++) await callOnce(link, { method: 'GET', url })
    expect(answered.map((each) => each.headers.get('dpop-nonce'))).toEqual(['one', 'two', 'three'])
    expect(answered.map(({ serverTime }) => serverTime)).toEqual([Date.parse(TIME), undefined, undefined])
  })

  it('[HDR-6] makes a new proof, by its text, for a body that is sent again uncompressed', async () => {
    const { link, url, bodies, answered } = await linkTo([{ status: 415, body: 'no gzip here' }, DONE])
    const body = JSON.stringify({ text: 'a'.repeat(5000) })
    expect(await callOnce(link, { method: 'POST', url, body })).toMatchObject({ status: 200 })
    expect(bodies).toEqual([body, body])
    expect(answered).toHaveLength(2)
  })

  it('that takes long to obtain does not hold up a call that is aborted', async () => {
    const asked = new Arrivals<true>()
    const headers = () => {
      asked.add(true)
      return new Promise<never>(() => undefined)
    }
    const link = testLink({
      url: 'http://127.0.0.1:1',
      credentials: { headers, renew: () => Promise.resolve(false) },
    })
    const abort = new AbortController()
    const call = callOnce(link, { method: 'GET', url: link.url, signal: abort.signal })
    await asked.next()
    abort.abort()
    await expect(call).rejects.toMatchObject({ name: 'NetworkError', kind: 'aborted' })
    const late = callOnce(link, { method: 'GET', url: link.url, signal: abort.signal })
    await expect(late).rejects.toMatchObject({ kind: 'aborted' })
  })
})
