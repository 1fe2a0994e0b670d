import { randomBytes } from 'node:crypto'

import { MAX_NOTICE_BYTES } from '@fieldsync/db'
import { describe, expect, it } from 'vitest'

import { noticeTexts, readNotice, workspaceTag } from './notification-text.ts'

const pepper = Buffer.alloc(32, 7)
const tags = Array.from({ length: 1000 }, (_, index) => workspaceTag(pepper, `ws_${index}`))

describe('a notice', () => {
  it('[LIV-8] names many workspaces in few texts, each short enough for PostgreSQL', () => {
    const texts = noticeTexts({ sender: 'this-server', tags })
    expect(texts).toHaveLength(3)
    expect(texts.filter((text) => Buffer.byteLength(text) > MAX_NOTICE_BYTES)).toEqual([])
    const read = texts.map(readNotice)
    expect(read.flatMap((notice) => notice?.tags)).toEqual(tags)
    expect(new Set(read.map((notice) => notice?.sender))).toEqual(new Set(['this-server']))
  })

  it('[LIV-8] is as long as PostgreSQL takes, and no longer', () => {
    const [one = '', two = ''] = tags
    const sender = 's'.repeat(MAX_NOTICE_BYTES - `changed  ${one} ${two}`.length)
    expect(noticeTexts({ sender, tags: [one, two] })).toEqual([`changed ${sender} ${one} ${two}`])
    expect(noticeTexts({ sender: `${sender}s`, tags: [one, two] })).toEqual([
      `changed ${sender}s ${one}`,
      `changed ${sender}s ${two}`,
    ])
  })

  it('of nothing is no text', () => {
    expect(noticeTexts({ sender: 'this-server', tags: [] })).toEqual([])
  })

  it.each(['', 'changed', 'moved a b', 'CHANGED a b'])('does not understand %j', (text) => {
    expect(readNotice(text)).toBeUndefined()
  })

  it('[LIV-8] does not tell the ids of workspaces, nor anything that can be guessed without the pepper', () => {
    expect(tags.filter((tag, index) => tag.includes(`ws_${index}`))).toEqual([])
    expect(new Set(tags).size).toBe(tags.length)
    expect(workspaceTag(randomBytes(32), 'ws_0')).not.toBe(tags[0])
    expect(workspaceTag(pepper, 'ws_0')).toBe(tags[0])
  })
})
