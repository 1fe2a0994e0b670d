import { afterAll, beforeEach, describe, expect, it } from 'vitest'

import { S3Server } from '../testing/s3-server.ts'
import { CheckpointBucket } from './checkpoint-bucket.ts'

const server = await S3Server.start()
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(() => {
  server.objects.clear()
  server.taken.length = 0
  server.instead = undefined
})

const ORIGIN = 'fieldsync/audit/ws_ridge/wsu_1'
const options = (changes = {}) => ({
  url: server.url,
  region: server.region,
  keyId: server.keyId,
  secret: server.secret,
  ...changes,
})
const bucket = (changes = {}, limitMs = 5000) => new CheckpointBucket(options(changes), limitMs)

describe('a bucket of checkpoints', () => {
  it.each(['', '/ridge/audit-1'])(
    '[AUD-30] keeps each chain’s, the newest first, page by page (prefix “%s”)',
    async (prefix) => {
      const store = bucket({ url: server.url + prefix })
      expect(await store.list(ORIGIN)).toEqual([])
      const names = Array.from({ length: 8 }, (_, i) => `00${i}-a`)
      for (const name of names) await store.add(ORIGIN, name, `note ${name}\n— é`)
      await store.add('fieldsync/audit/ws_lake/wsu_2', '009-c', 'elsewhere')
      server.objects.set(`${prefix.slice(1)}${prefix && '/'}ws_ridge/wsu_1/readme.txt`, 'no checkpoint')
      expect(await store.list(ORIGIN)).toEqual(names.toReversed())
      expect(await store.read(ORIGIN, '003-a')).toBe('note 003-a\n— é')
      expect([...server.objects.keys()]).toContain(
        `${prefix.slice(1)}${prefix && '/'}ws_lake/wsu_2/009-c.note`,
      )
    },
  )

  it('[AUD-30] overwrites nothing: each write is conditional', async () => {
    const store = bucket()
    await Promise.all(['one', 'other'].map((note) => store.add(ORIGIN, '001-a', note)))
    const first = await store.read(ORIGIN, '001-a')
    await store.add(ORIGIN, '001-a', 'later')
    expect(await store.read(ORIGIN, '001-a')).toBe(first)
    const writes = server.taken.filter(({ method }) => method === 'PUT')
    expect(writes.map(({ ifNoneMatch }) => ifNoneMatch)).toEqual(['*', '*', '*'])
  })

  it.each([
    ['another secret', { secret: 'of somebody else' }, 'SignatureDoesNotMatch'],
    ['another region', { region: 'us-east-1' }, 'SignatureDoesNotMatch'],
  ])('[AUD-30] with %s the store refuses, and the secret is in no message', async (_, changes, code) => {
    const store = bucket(changes)
    const calls: (() => Promise<unknown>)[] = [
      () => store.list(ORIGIN),
      () => store.read(ORIGIN, '001-a'),
      () => store.add(ORIGIN, '001-a', 'x'),
    ]
    for (const call of calls) {
      const error = await call().catch((each: unknown) => each)
      expect(String(error)).toContain(`403 ${code}`)
      expect(String(error)).not.toContain('canary')
    }
    expect(server.objects.size).toBe(0)
  })

  it('[AUD-30] a redirect is not followed, and nothing is sent to where it points', async () => {
    const asked: string[] = []
    server.instead = (request, response) => {
      asked.push(request.url ?? '')
      response.writeHead(307, { location: '/stolen' }).end()
    }
    await expect(bucket().add(ORIGIN, '001-a', 'x')).rejects.toThrow('the store refused to add: 307')
    expect(asked).toHaveLength(1)
  })

  it('[AUD-30] a store that never answers, or answers without an end, is given up', async () => {
    server.instead = () => undefined
    await expect(bucket({}, 50).list(ORIGIN)).rejects.toThrow('did not answer within 50 ms')
    server.instead = (_, response) => {
      response.writeHead(200)
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(1 << 20), more)
      }
      more()
    }
    await expect(bucket().list(ORIGIN)).rejects.toThrow('larger than')
  })

  it('[AUD-30] a store that is away is an error that names it, and no secret', async () => {
    const gone = await S3Server.start()
    const store = new CheckpointBucket({ ...options(), url: gone.url }, 5000)
    await gone[Symbol.asyncDispose]()
    const error = await store.add(ORIGIN, '001-a', 'x').catch((each: unknown) => each)
    expect(String(error)).toMatch(/the call to http:\/\/127\.0\.0\.1:\d+ failed: ECONNREFUSED/)
    expect(String(error)).not.toContain('canary')
  })
})
