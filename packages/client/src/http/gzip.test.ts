import { gunzipSync } from 'node:zlib'

import { afterEach, describe, expect, it, vi } from 'vitest'

import { packed } from './gzip.ts'

const LONG = JSON.stringify({ text: 'é🍇'.repeat(1000) })

describe('a body', () => {
  afterEach(() => void vi.unstubAllGlobals())

  it('[HDR-2] of more than a kilobyte goes out packed, and is the same when unpacked', async () => {
    const { body, headers } = await packed(LONG)
    expect(headers).toEqual({ 'content-type': 'application/json', 'content-encoding': 'gzip' })
    if (typeof body === 'string') throw new Error('not packed')
    expect(body.length).toBeLessThan(LONG.length / 10)
    expect(gunzipSync(body).toString('utf8')).toBe(LONG)
  })

  it('[HDR-2] that is short is sent uncompressed', async () => {
    const text = 'x'.repeat(1024)
    expect(await packed(text)).toEqual({ body: text, headers: { 'content-type': 'application/json' } })
  })

  it('[HDR-2] is sent uncompressed where the platform cannot compress', async () => {
    vi.stubGlobal('CompressionStream', undefined)
    expect(await packed(LONG)).toEqual({ body: LONG, headers: { 'content-type': 'application/json' } })
  })
})
