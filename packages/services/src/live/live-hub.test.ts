import { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { AuthenticatedActor } from '../core/actor.ts'
import { authRequired, ServiceError } from '../core/service-error.ts'
import { LiveHub, type RightsCheck } from './live-hub.ts'
import type { LiveStream } from './live-stream.ts'

const PACE = { everyMs: 50, retryMs: 1000 }
const LIMITS = { perDevice: 2, perServer: 5 }

const actor = (deviceId: string, workspaceId = 'ws_one'): AuthenticatedActor => ({
  kind: 'device',
  workspaceId: WorkspaceId.parse(workspaceId),
  deviceId: DeviceId.parse(deviceId),
  role: 'scout',
  epoch: 1,
})

/** Reads a stream to its end, and keeps what it said. */
function reader(stream: LiveStream) {
  const seen = { pokes: 0, end: undefined as unknown }
  const read = async (): Promise<void> => {
    try {
      for await (const { type } of stream) if (type === 'poke') seen.pokes++
      seen.end = 'returned'
    } catch (error) {
      seen.end = error
    }
  }
  void read()
  return seen
}

describe('the hub', () => {
  let looks: AuthenticatedActor[][]
  let look: RightsCheck
  let hub: LiveHub
  beforeEach(() => {
    vi.useFakeTimers()
    looks = []
    look = (actors) => Promise.resolve(actors.map(() => undefined))
    const noted: RightsCheck = (actors) => {
      looks.push([...actors])
      return look(actors)
    }
    hub = new LiveHub(LIMITS, noted, PACE)
  })
  afterEach(() => void vi.useRealTimers())

  it('[LIV-2] pokes the streams of a workspace and no other, and asks nothing of the database for the rest', async () => {
    const [one, two, other] = [
      reader(hub.open(actor('dev_a'), 'tag1')),
      reader(hub.open(actor('dev_b'), 'tag1')),
      reader(hub.open(actor('dev_a', 'ws_two'), 'tag2')),
    ]
    hub.poke(['tag1', 'tag-of-nobody-here'])
    await vi.advanceTimersByTimeAsync(10)
    expect([one.pokes, two.pokes, other.pokes]).toEqual([1, 1, 0])
    expect(looks).toHaveLength(1)
    hub.poke(['tag-of-nobody-here'])
    await vi.advanceTimersByTimeAsync(1000)
    expect(looks).toHaveLength(1)
  })

  it('[LIV-3] a reader that is slower than the news finds one poke, not one for each', async () => {
    const stream = hub.open(actor('dev_a'), 'tag1')
    for (let each = 0; each < 20; each++) {
      hub.poke(['tag1'])
      await vi.advanceTimersByTimeAsync(60)
    }
    const seen = reader(stream)
    await vi.advanceTimersByTimeAsync(60)
    expect(seen.pokes).toBe(1)
    hub.poke(['tag1'])
    await vi.advanceTimersByTimeAsync(60)
    expect(seen.pokes).toBe(2)
  })

  it('[LIV-5] looks at the rights of everyone due in one question before it pokes', async () => {
    const [one, two] = [
      reader(hub.open(actor('dev_a'), 'tag1')),
      reader(hub.open(actor('dev_b', 'ws_two'), 'tag2')),
    ]
    const revoked = authRequired('revoked', 'gone')
    look = (actors) =>
      Promise.resolve(actors.map(({ deviceId }) => (deviceId === 'dev_a' ? revoked : undefined)))
    hub.poke(['tag1'])
    hub.poke(['tag2'])
    await vi.advanceTimersByTimeAsync(10)
    expect(looks).toEqual([[actor('dev_a'), actor('dev_b', 'ws_two')]])
    expect(one).toEqual({ pokes: 0, end: revoked })
    expect(two).toEqual({ pokes: 1, end: undefined })
    expect(hub.size).toBe(1)
  })

  it('[LIV-5] a review ends who lost the right and tells the others nothing', async () => {
    const [one, two] = [reader(hub.open(actor('dev_a'), 'tag1')), reader(hub.open(actor('dev_b'), 'tag1'))]
    const revoked = authRequired('revoked', 'gone')
    look = () => Promise.resolve([undefined, revoked])
    hub.review()
    await vi.advanceTimersByTimeAsync(10)
    expect([one, two]).toEqual([
      { pokes: 0, end: undefined },
      { pokes: 0, end: revoked },
    ])
  })

  it('[LIV-5] pokes nobody while rights cannot be looked at, and all of them once they can', async () => {
    const seen = reader(hub.open(actor('dev_a'), 'tag1'))
    look = () => Promise.reject(new Error('the database is away'))
    hub.poke(['tag1'])
    await vi.advanceTimersByTimeAsync(2500)
    expect([seen.pokes, looks.length]).toEqual([0, 3])
    look = (actors) => Promise.resolve(actors.map(() => undefined))
    await vi.advanceTimersByTimeAsync(1000)
    expect(seen.pokes).toBe(1)
  })

  it('[LIV-6] a device’s further stream ends its oldest, and touches no other device', () => {
    const oldest = hub.open(actor('dev_a'), 'tag1')
    hub.open(actor('dev_b'), 'tag1')
    const second = hub.open(actor('dev_a'), 'tag1')
    const third = hub.open(actor('dev_a'), 'tag1')
    expect(hub.size).toBe(3)
    second.end()
    third.end()
    expect(hub.size).toBe(1)
    oldest.end()
    expect(hub.size).toBe(1)
  })

  it('[LIV-6] remembers a workspace and a device for as long as they have a stream', () => {
    const streams = [
      hub.open(actor('dev_a'), 'tag1'),
      hub.open(actor('dev_a'), 'tag1'),
      hub.open(actor('dev_b'), 'tag1'),
      hub.open(actor('dev_a', 'ws_two'), 'tag2'),
    ]
    const counted = [hub.indexed]
    for (const stream of streams) {
      stream.end()
      counted.push(hub.indexed)
    }
    expect(counted).toEqual([5, 5, 4, 2, 0])
  })

  it('[LIV-6] says when to come back to a stream that was replaced', async () => {
    const seen = reader(hub.open(actor('dev_a'), 'tag1'))
    hub.open(actor('dev_a'), 'tag1')
    hub.open(actor('dev_a'), 'tag1')
    await vi.advanceTimersByTimeAsync(0)
    expect(seen.end).toMatchObject({ code: 'UNAVAILABLE', retryAfterSeconds: 60 })
  })

  it('[LIV-6] a full process refuses, until a stream ends; a device at its own limit gets in', () => {
    const streams = ['dev_a', 'dev_a', 'dev_b', 'dev_b', 'dev_c'].map((id) => hub.open(actor(id), 'tag1'))
    const refusal = expect.objectContaining({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('can hold'),
      retryAfterSeconds: 30,
    })
    expect(() => hub.open(actor('dev_d'), 'tag1')).toThrow(refusal)
    hub.open(actor('dev_a'), 'tag1')
    expect(hub.size).toBe(LIMITS.perServer)
    streams.at(-1)?.end()
    hub.open(actor('dev_d'), 'tag1')
    expect(hub.size).toBe(LIMITS.perServer)
  })

  it('[LIV-7] a drain ends every stream at once and takes no new one', async () => {
    const seen = ['dev_a', 'dev_b'].map((id) => reader(hub.open(actor(id), 'tag1')))
    hub.drain()
    await vi.advanceTimersByTimeAsync(0)
    for (const { end } of seen)
      expect(end).toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringContaining('shutting down'),
        retryAfterSeconds: 2,
      })
    expect(() => hub.open(actor('dev_c'), 'tag1')).toThrow(ServiceError)
    expect(hub.size).toBe(0)
  })

  it('[LIV-7] that is stopped has ended every stream, and looks at nothing afterwards', async () => {
    const seen = reader(hub.open(actor('dev_a'), 'tag1'))
    hub.pokeAll()
    await hub.stop()
    expect(seen.end).toMatchObject({ code: 'UNAVAILABLE' })
    expect(hub.size).toBe(0)
    await vi.advanceTimersByTimeAsync(1000)
    expect(looks).toEqual([])
  })

  it('forgets a stream that its reader left, also in the middle of waiting', async () => {
    const iterator = hub.open(actor('dev_a'), 'tag1')[Symbol.asyncIterator]()
    const waiting = iterator.next()
    await iterator.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(hub.size).toBe(0)
    hub.pokeAll()
    await vi.advanceTimersByTimeAsync(1000)
    expect(looks).toEqual([])
  })

  it('[LIV-2] news from anywhere pokes everyone, also those whose rights were to be looked at anyway', async () => {
    const seen = [
      reader(hub.open(actor('dev_a'), 'tag1')),
      reader(hub.open(actor('dev_b', 'ws_two'), 'tag2')),
    ]
    hub.pokeAll()
    hub.review()
    await vi.advanceTimersByTimeAsync(10)
    expect(seen.map(({ pokes }) => pokes)).toEqual([1, 1])
  })

  it('knows nothing of a stream that has ended: its rights are not looked at, and it takes no other’s place', async () => {
    const [gone, stays] = [hub.open(actor('dev_a'), 'tag1'), hub.open(actor('dev_b'), 'tag1')]
    const seen = reader(stays)
    hub.poke(['tag1'])
    gone.end()
    await vi.advanceTimersByTimeAsync(100)
    hub.poke(['tag1'])
    await vi.advanceTimersByTimeAsync(100)
    expect(looks).toEqual([[actor('dev_b')], [actor('dev_b')]])
    expect(seen.pokes).toBe(2)
    // Of one device two may be open, whatever was open before.
    const [first, ...more] = ['dev_c', 'dev_c'].map((id) => reader(hub.open(actor(id), 'tag3')))
    hub.open(actor('dev_a'), 'tag1').end()
    const third = reader(hub.open(actor('dev_c'), 'tag3'))
    const fourth = reader(hub.open(actor('dev_c'), 'tag3'))
    await vi.advanceTimersByTimeAsync(0)
    const replaced = expect.objectContaining({ message: expect.stringContaining('newer live streams') })
    expect([first, ...more, third, fourth].map((each) => each?.end)).toEqual([
      replaced,
      replaced,
      undefined,
      undefined,
    ])
    expect(hub.size).toBe(3)
  })

  it('does not look again at the rights of one that left while they could not be looked at', async () => {
    const [left, stays] = [hub.open(actor('dev_a'), 'tag1'), hub.open(actor('dev_b'), 'tag1')]
    const seen = reader(stays)
    look = () => Promise.reject(new Error('the database is away'))
    hub.poke(['tag1'])
    vi.advanceTimersByTime(1)
    left.end()
    await vi.advanceTimersByTimeAsync(10)
    look = (actors) => Promise.resolve(actors.map(() => undefined))
    await vi.advanceTimersByTimeAsync(1000)
    expect(looks.at(-1)).toEqual([actor('dev_b')])
    expect(seen.pokes).toBe(1)
  })

  it('[LIV-6] gives a device its one stream where more are not allowed', async () => {
    const narrow = new LiveHub({ perDevice: 1, perServer: 5 }, look, PACE)
    const first = reader(narrow.open(actor('dev_a'), 'tag1'))
    narrow.open(actor('dev_a'), 'tag1')
    await vi.advanceTimersByTimeAsync(0)
    expect([first.end, narrow.size]).toEqual([expect.any(ServiceError), 1])
  })

  it('[RUN-55] counts no places where these were taken before: any number of streams, each forgotten at its end', () => {
    const unlimited = new LiveHub(undefined, look, PACE)
    const streams = Array.from({ length: 6 }, () => unlimited.open(actor('dev_a'), 'tag1'))
    expect([unlimited.size, unlimited.indexed]).toEqual([6, 1])
    for (const stream of streams) stream.end()
    expect([unlimited.size, unlimited.indexed]).toEqual([0, 0])
  })

  it('[LIV-5] tells a stream once why it ended, by the first reason', async () => {
    const stream = hub.open(actor('dev_a'), 'tag1')
    const revoked = authRequired('revoked', 'gone')
    stream.end(revoked)
    stream.end(new ServiceError('UNAVAILABLE', 'later'))
    const [first, second] = [reader(stream), reader(stream)]
    await vi.advanceTimersByTimeAsync(0)
    expect([first.end, second.end]).toEqual([revoked, 'returned'])
  })
})
