import { enrollmentLink } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { readEnrollment } from './enrollment.ts'

const CODE = '0ABCD-EFGHJ-KMNPQ-RSTVW-XYZ012'
const OURS = 'https://ours.example'
const at = { server: '', defaultServer: OURS }

describe('what a person types or pastes to set a device up', () => {
  it.each([
    ['a link of this server', enrollmentLink(OURS, CODE), '', CODE],
    ['one with blanks around it', ` ${enrollmentLink(OURS, CODE)}\n`, '', CODE],
    [
      'one of another server',
      enrollmentLink('https://theirs.example/sync', CODE),
      'https://theirs.example/sync',
      CODE,
    ],
    ['a code', CODE, '', CODE],
    ['one in small letters, without hyphens', 'oabcdefghjkmnpqrstvwxyzo12', '', 'oabcdefghjkmnpqrstvwxyzo12'],
    ['one with blanks', ` ${CODE.replaceAll('-', ' ')} `, '', CODE.replaceAll('-', ' ')],
  ])('is %s', (_what, typed, server, code) => {
    expect(readEnrollment(typed, at)).toEqual({ server, code })
  })

  it('is a code for the server that is typed beside it, which a link does not need', () => {
    const typed = { server: 'https://theirs.example', defaultServer: '' }
    expect(readEnrollment(CODE, typed)).toEqual({ server: 'https://theirs.example', code: CODE })
    expect(readEnrollment(enrollmentLink(OURS, CODE), typed)).toEqual({ server: OURS, code: CODE })
  })

  it.each([
    ['nothing', ''],
    ['a code that is cut off', CODE.slice(0, -1)],
    ['a code with a letter too many', `${CODE}X`],
    ['a link that is cut off', enrollmentLink(OURS, CODE).slice(0, -10)],
    ['another link', `${OURS}/app/settings`],
    ['a link without HTTP', enrollmentLink('ftp://ours.example', CODE)],
  ])('is not %s', (_what, typed) => {
    expect(readEnrollment(typed, at)).toBeUndefined()
  })
})
