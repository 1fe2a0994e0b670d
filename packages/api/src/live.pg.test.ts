import {
  acceptedBody,
  device,
  type LiveEvents,
  observation,
  openLive,
  postBatch,
  syncBatch,
} from '@fieldsync/testkit'
import { createTRPCClient, httpSubscriptionLink, type TRPCClientError } from '@trpc/client'
import { EventSource } from 'eventsource'
import { describe, expect, it, onTestFinished } from 'vitest'

import { realApi } from './testing/real-api.ts'
import type { AppRouter } from './trpc/app-router.ts'

const api = await realApi()

async function member(workspaceId: string, deviceId: string, role: 'viewer' | 'scout' = 'scout') {
  const token = await api.device(workspaceId, deviceId, role)
  return { url: api.url, deviceId, token }
}
type Member = Awaited<ReturnType<typeof member>>

const write = async (caller: Member) => {
  const { deviceId } = caller
  acceptedBody(
    await postBatch(
      caller,
      syncBatch({ device: device({ deviceId }), observations: [observation({ deviceId })] }),
    ),
  )
}

/** Connects, and closes the stream when the test ends. */
async function connected(caller: Member): Promise<LiveEvents> {
  const stream = await openLive(caller)
  onTestFinished(() => stream[Symbol.asyncDispose]())
  expect(stream.status).toBe(200)
  expect((await stream.next())?.event).toBe('connected')
  return stream
}

/** Resolves when the server has this many streams: it notices with a delay that a client has gone. */
const streams = (count: number) => expect.poll(() => api.live.size, { timeout: 10_000 }).toBe(count)

describe('sync.live', () => {
  it('[LIV-1, LIV-2] pokes connected devices after a write, whatever their role, with nothing in it', async () => {
    const workspaceId = await api.workspace()
    const writer = await member(workspaceId, 'dev_writer')
    const watching = [
      await connected(writer),
      await connected(await member(workspaceId, 'dev_viewer', 'viewer')),
    ]
    await write(writer)
    for (const stream of watching) {
      expect(await stream.next()).toEqual({ event: 'message', data: '{"type":"poke"}' })
    }
  })

  it('[LIV-1] is understood by tRPC’s own client', async () => {
    const workspaceId = await api.workspace()
    const caller = await member(workspaceId, 'dev_writer')
    const client = createTRPCClient<AppRouter>({
      links: [
        httpSubscriptionLink({
          url: `${api.url}/trpc`,
          EventSource,
          eventSourceOptions: {
            fetch: (input, init) =>
              fetch(input, { ...init, headers: { ...init.headers, 'x-device-token': caller.token } }),
          },
        }),
      ],
    })
    const started = Promise.withResolvers<void>()
    const poked = Promise.withResolvers<unknown>()
    const failed = Promise.withResolvers<TRPCClientError<AppRouter>>()
    const subscription = client.sync.live.subscribe(undefined, {
      onStarted: () => started.resolve(),
      onData: poked.resolve,
      onError: failed.resolve,
    })
    onTestFinished(() => subscription.unsubscribe())
    await started.promise
    await write(caller)
    expect(await poked.promise).toEqual({ type: 'poke' })
    await api.revoke(workspaceId, caller.deviceId)
    const error = await failed.promise
    expect(error.data?.envelope.error).toMatchObject({
      code: 'AUTH_REQUIRED',
      details: { reason: 'revoked', action: 're_enrol' },
    })
  })

  it('[LIV-2, GUA-7] receives nothing of another workspace', async () => {
    const [one, other] = [
      await member(await api.workspace(), 'dev_a'),
      await member(await api.workspace(), 'dev_a'),
    ]
    const [here, there] = [await connected(one), await connected(other)]
    await write(other)
    await there.next()
    await write(one)
    expect(await here.next()).toMatchObject({ event: 'message' })
    expect(here.waiting).toBe(false)
  })

  it('[LIV-5, ACC-4] ends for a revoked device, and with what it has to do', async () => {
    const workspaceId = await api.workspace()
    const lost = await member(workspaceId, 'dev_lost')
    const stream = await connected(lost)
    await api.revoke(workspaceId, 'dev_lost')
    const last = await stream.next()
    expect(last?.event).toBe('serialized-error')
    expect(JSON.parse(last?.data ?? '')).toMatchObject({
      data: { httpStatus: 401, envelope: { error: { details: { reason: 'revoked', action: 're_enrol' } } } },
    })
    expect(await stream.next()).toBeUndefined()
    await using again = await openLive(lost)
    expect(again.status).toBe(401)
  })

  it('[LIV-6] holds two streams of this device and three of this process, and gives room again', async () => {
    await streams(0)
    const workspaceId = await api.workspace()
    const [one, two] = [await member(workspaceId, 'dev_a'), await member(workspaceId, 'dev_b')]
    const oldest = await connected(one)
    await connected(one)
    await connected(one)
    const last = await oldest.next()
    expect(last).toMatchObject({ event: 'serialized-error', data: expect.stringContaining('UNAVAILABLE') })
    expect(last?.retry).toBeGreaterThanOrEqual(60_000)
    const further = await connected(two)
    await using refused = await openLive(await member(workspaceId, 'dev_c'))
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '30'])
    await further[Symbol.asyncDispose]()
    await streams(2)
    await connected(await member(workspaceId, 'dev_d'))
  })

  it('[LIV-7] ends at once when the server drains, and new ones are refused with Retry-After', async () => {
    const caller = await member(await api.workspace(), 'dev_last')
    await streams(0)
    const stream = await connected(caller)
    api.live.drain()
    const last = await stream.next()
    expect(last).toMatchObject({ event: 'serialized-error', data: expect.stringContaining('"UNAVAILABLE"') })
    expect(last?.retry).toBeGreaterThanOrEqual(2000)
    expect(await stream.next()).toBeUndefined()
    await using refused = await openLive(caller)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2'])
  })
})
