import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

import { WORKSPACE_HEADER } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { deviceToken } from '../credentials/credential-provider.ts'
import { FieldsyncError } from '../errors/fieldsync-error.ts'
import { NetworkError } from '../errors/network-error.ts'
import type { Fetch, FetchInit } from '../http/fetch.ts'
import { connectServer } from '../server-connection.ts'
import { localServer } from '../testing/local-server.ts'
import { connectAuth, personSession } from './people.ts'

type Seen = { call: string; headers: IncomingMessage['headers']; body: string }
type Answer = { readonly status?: number; readonly body: unknown }

const REAUTHENTICATE: Answer = {
  status: 403,
  body: {
    requestId: 'req_1',
    error: {
      code: 'FORBIDDEN',
      message: 'Authenticate again.',
      retryable: false,
      traceId: 'trace_1',
      details: { reason: 'reauthenticate' },
    },
  },
}

/** A server that gives these answers in turn, and what it and the platform's fetch were asked. */
async function server(answers: readonly Answer[]) {
  const seen: Seen[] = []
  const inits: FetchInit[] = []
  const answerTo = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request)
    const answer = answers[Math.min(seen.length, answers.length - 1)]
    seen.push({ call: `${request.method} ${request.url}`, headers: request.headers, body })
    response.writeHead(answer?.status ?? 200).end(JSON.stringify(answer?.body))
  }
  const url = await localServer((request, response) => void answerTo(request, response))
  const recorded: Fetch = (address, init) => {
    inits.push(init)
    return fetch(address, init)
  }
  return { url, seen, inits, fetch: recorded }
}

const person = (reauthenticate: () => Promise<boolean>) =>
  personSession({ workspaceId: 'ws_ridge', deviceId: 'dev_web_a', reauthenticate })

it('[APP-78] a person’s calls carry the cookie and name the workspace; those of a device carry no cookie', async () => {
  const { url, seen, inits, fetch: recorded } = await server([{ body: { result: { data: {} } } }])
  const never = () => Promise.resolve(false)
  await connectServer({ url, credentials: person(never), fetch: recorded }).api.session.get.query({})
  await connectServer({ url, credentials: deviceToken('t'), fetch: recorded }).api.session.get.query({})
  expect(inits.map(({ credentials }) => credentials)).toEqual(['same-origin', 'omit'])
  expect(seen.map(({ headers }) => headers[WORKSPACE_HEADER])).toEqual(['ws_ridge', undefined])
})

it('[APP-79] a change that requires a new proof is sent again, once, after the person has given it', async () => {
  const { url, seen } = await server([REAUTHENTICATE, { body: { result: { data: { done: true } } } }])
  let asked = 0
  const prove = () => Promise.resolve(++asked > 0)
  const { api } = connectServer({ url, credentials: person(prove) })
  expect(await api.devices.revoke.mutate({ deviceId: 'dev_a' })).toEqual({ done: true })
  expect(asked).toBe(1)
  expect(seen.map(({ call, body }) => [call, body])).toEqual([
    ['POST /trpc/devices.revoke', '{"deviceId":"dev_a"}'],
    ['POST /trpc/devices.revoke', '{"deviceId":"dev_a"}'],
  ])
})

it.each([
  ['is asked once where the server still refuses', true, 2],
  ['may decline, and nothing is sent again', false, 1],
])('[APP-79] a person %s', async (_, answer, calls) => {
  const { url, seen } = await server([REAUTHENTICATE])
  let asked = 0
  const prove = () => {
    asked++
    return Promise.resolve(answer)
  }
  const { api } = connectServer({ url, credentials: person(prove) })
  await expect(api.devices.revoke.mutate({ deviceId: 'dev_a' })).rejects.toMatchObject({
    code: 'FORBIDDEN',
    details: { reason: 'reauthenticate' },
  })
  expect(seen.length).toBe(calls)
  expect(asked).toBe(1)
})

it.each<[string, number, unknown]>([
  ['another status', 409, { reason: 'reauthenticate' }],
  ['another reason', 403, { reason: 'grant' }],
  ['no reason', 403, { right: 'admin' }],
  ['a text', 403, 'reauthenticate'],
  ['null', 403, null],
  ['nothing', 403, undefined],
])('[APP-79] nobody is asked for a proof by a refusal with %s', async (_what, status, details) => {
  const error = { code: 'FORBIDDEN', message: 'No.', retryable: false, traceId: 't', details }
  const { url, seen } = await server([{ status, body: { requestId: 'req_1', error } }])
  let asked = 0
  const prove = () => Promise.resolve(++asked > 0)
  const { api } = connectServer({ url, credentials: person(prove) })
  await expect(api.devices.revoke.mutate({ deviceId: 'dev_a' })).rejects.toMatchObject({ message: 'No.' })
  expect([asked, seen.length]).toEqual([0, 1])
})

it('[APP-76] routes of people are called by their names, and answers are checked', async () => {
  const { url, seen } = await server([
    { body: { person: null, workspaces: [], providers: [], firstPerson: true, more: 1 } },
    { body: { secondFactor: true } },
    { body: '<html>' },
    REAUTHENTICATE,
  ])
  const auth = connectAuth({ url })
  expect(await auth('session', {})).toEqual({
    person: null,
    workspaces: [],
    providers: [],
    firstPerson: true,
  })
  expect(await auth('signIn', { email: 'ana@farm.example', password: 'a long password' })).toEqual({
    secondFactor: true,
  })
  await expect(auth('signOut', {})).rejects.toThrow(NetworkError)
  await expect(auth('profile', { name: 'Ana' })).rejects.toThrow(FieldsyncError)
  expect(seen.map(({ call, body }) => [call, body])).toEqual([
    ['GET /auth/session', ''],
    ['POST /auth/sign-in', '{"email":"ana@farm.example","password":"a long password"}'],
    ['POST /auth/sign-out', '{}'],
    ['POST /auth/profile', '{"name":"Ana"}'],
  ])
  expect(seen[1]?.headers['content-type']).toBe('application/json')
})
