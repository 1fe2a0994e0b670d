import { describe, expect, it } from 'vitest'

import { bodyEncoding } from './media-type.ts'

describe('media type and encoding of a body', () => {
  it.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'application/json ; version=1',
  ])('[HDR-2] accepts %s', (type) => {
    expect(bodyEncoding({ 'content-type': type })).toBe('identity')
  })

  it.each([
    undefined,
    '',
    'text/plain',
    'application/jsonp',
    'text/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'application/json; charset=latin1',
    'application/json; charset=utf-8; charset=utf-7',
  ])('[ERR-12] refuses %s', (type) => {
    expect(() => bodyEncoding({ 'content-type': type })).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_MEDIA_TYPE' }),
    )
  })

  it('[HDR-2] knows gzip and no other encoding', () => {
    const encoding = (value: string) =>
      bodyEncoding({ 'content-type': 'application/json', 'content-encoding': value })
    expect(encoding('gzip')).toBe('gzip')
    expect(encoding('GZIP')).toBe('gzip')
    expect(encoding('identity')).toBe('identity')
    for (const other of ['br', 'deflate', 'gzip, gzip', '', 'zstd']) {
      expect(() => encoding(other)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_MEDIA_TYPE' }))
    }
  })
})
