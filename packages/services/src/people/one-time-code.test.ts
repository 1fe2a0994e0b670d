import { describe, expect, it } from 'vitest'

import { hashLinkCode } from './one-time-code.ts'

const CODE = '01ABC-23DEF-45GHJ-67KMN-89PQRS'
const pepper = Buffer.alloc(32, 1)
const hashOf = (code: string, purpose: 'invitation' | 'password-reset' = 'invitation', key = pepper) =>
  hashLinkCode(key, purpose, code).toString('hex')

describe('[PEO-6] what is stored of the code of a link', () => {
  it('is the same however the code is typed', () => {
    for (const typed of [CODE.toLowerCase(), CODE.replaceAll('-', ''), ` ${CODE.replaceAll('-', ' ')}\n`])
      expect(hashOf(typed)).toBe(hashOf(CODE))
  })

  it('differs by code, by pepper, and by what the link is for', () => {
    const hashes = [
      hashOf(CODE),
      hashOf(CODE.replace('S', 'T')),
      hashOf(CODE, 'invitation', Buffer.alloc(32, 2)),
      hashOf(CODE, 'password-reset'),
    ]
    expect(new Set(hashes).size).toBe(4)
  })

  it('is the same in every build: links outlive an upgrade', () => {
    expect(hashOf(CODE)).toBe('d357bd2a74ae6c1387cbf2882c883394ec820028470525eef82cd29259f08d57')
  })
})
