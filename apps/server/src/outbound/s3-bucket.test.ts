import { buffer } from 'node:stream/consumers'

import { afterAll, beforeEach, expect, it } from 'vitest'

import { S3Server } from '../testing/s3-server.ts'
import { S3Bucket } from './s3-bucket.ts'

const server = await S3Server.start()
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(() => {
  server.objects.clear()
  server.instead = undefined
})

const { region, keyId, secret } = server
const bucket = new S3Bucket({ url: `${server.url}/some/prefix`, region, keyId, secret }, { partBytes: 1000 })

async function* chunks(...sizes: readonly number[]) {
  await Promise.resolve()
  for (const [i, size] of sizes.entries()) yield Buffer.alloc(size, i + 1)
}

it.each([[[]], [[999]], [[1000]], [[1, 2500, 499]], [[10_001]]])(
  '[BAK-8] an upload of pieces of %j bytes comes back as it was, listed with its size',
  async (sizes) => {
    const all = Buffer.concat(sizes.map((size, i) => Buffer.alloc(size, i + 1)))
    expect(await bucket.upload('a.bin', chunks(...sizes))).toBe(all.length)
    expect(await bucket.list('a')).toEqual([{ key: 'a.bin', bytes: all.length }])
    expect(await buffer(await bucket.download('a.bin'))).toEqual(all)
    expect([...server.objects.keys()]).toEqual(['some/prefix/a.bin'])
    await bucket.remove('a.bin')
    await bucket.remove('a.bin')
    expect(await bucket.list('')).toEqual([])
    await expect(bucket.download('a.bin')).rejects.toThrow('refused to read: 404')
  },
)

it('[BAK-8] an upload that fails leaves nothing in the store: neither an object nor parts', async () => {
  const failing = async function* () {
    yield* chunks(2500)
    throw new Error('the database is gone')
  }
  await expect(bucket.upload('b.bin', failing())).rejects.toThrow('the database is gone')
  expect(server.objects.size + server.uploads.size).toBe(0)
  let calls = 0
  server.instead = (request, response) => {
    calls++
    const isEnd = request.method === 'POST' && calls > 1
    response.writeHead(200, { etag: '"1"' })
    response.end(isEnd ? '<Error><Code>InternalError</Code></Error>' : '<UploadId>1</UploadId>')
  }
  // S3 reports this failure with status 200.
  await expect(bucket.upload('b.bin', chunks(10))).rejects.toThrow(
    'refused to end an upload: 200 InternalError',
  )
})
