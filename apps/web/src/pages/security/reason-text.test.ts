import { AUTH_ACTIONS, SECURITY_KINDS } from '@fieldsync/contracts'
import { createMessages } from '@fieldsync/messages'
import { expect, it } from 'vitest'

import { en } from '../../messages/en.ts'
import { es } from '../../messages/es.ts'
import { kindText, reasonText } from './reason-text.ts'

const inLanguage = createMessages(en, es)

it('[APP-105] every reason and kind of attempt has its own words in both languages, an unknown one its own', () => {
  for (const language of ['en', 'es'] as const) {
    const { t } = inLanguage(language)
    const reasons = [...Object.keys(AUTH_ACTIONS), 'ENROLLMENT_INVALID', 'other']
    const texts = [
      ...reasons.map((reason) => reasonText(reason, t)),
      ...SECURITY_KINDS.map((kind) => kindText(kind, t)),
    ]
    expect(new Set(texts).size).toBe(texts.length)
    expect(texts.filter((text) => text.includes('_'))).toEqual([])
    expect([reasonText('QUOTA', t), kindText('weather', t), reasonText('toString', t)]).toEqual([
      'QUOTA',
      'weather',
      'toString',
    ])
  }
})
