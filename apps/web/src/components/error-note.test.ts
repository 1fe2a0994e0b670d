import { FieldsyncError, NetworkError } from '@fieldsync/client'
import {
  AUTH_ACTIONS,
  ERROR_CODES,
  FORBIDDEN_REASONS,
  PEOPLE_REASONS,
  SETTINGS_REASONS,
} from '@fieldsync/contracts'
import { createMessages } from '@fieldsync/messages'
import { expect, it } from 'vitest'

import { en } from '../messages/en.ts'
import { es } from '../messages/es.ts'
import { errorText } from './error-note.tsx'

const inLanguage = createMessages(en, es)
const SENTENCE = 'The server’s own sentence.'

const refusal = (code: string, details: unknown = {}) =>
  new FieldsyncError(ERROR_CODES.find((each) => each === code) ?? 'UNKNOWN_CODE', {
    status: 400,
    code,
    message: SENTENCE,
    retryable: false,
    requestId: 'r',
    traceId: 't',
    details,
    retryAfterMs: undefined,
  })

const ERRORS = [
  ...[...ERROR_CODES, 'QUOTA_EXCEEDED'].map((code) => refusal(code)),
  ...Object.keys(AUTH_ACTIONS).map((reason) => refusal('AUTH_REQUIRED', { reason, action: 'authenticate' })),
  ...FORBIDDEN_REASONS.map((reason) => refusal('FORBIDDEN', { reason })),
  ...[...SETTINGS_REASONS, ...PEOPLE_REASONS].map((reason) => refusal('CONFLICT', { reason })),
  new NetworkError('unreachable', SENTENCE),
  new NetworkError('not_ours', SENTENCE),
  new Error(SENTENCE),
]

it('[APP-49] every error has a text in both languages, and none has the server’s sentence', () => {
  for (const error of ERRORS) {
    const [english, spanish] = [errorText(error, inLanguage('en').t), errorText(error, inLanguage('es').t)]
    expect(english).not.toBe('')
    expect(spanish).not.toBe(english)
    expect(`${english} ${spanish}`).not.toContain(SENTENCE)
  }
})

it.each([
  ['FORBIDDEN', { reason: 'role' }, 'El rol de este dispositivo no lo permite.'],
  ['CONFLICT', { reason: 'tokens_refused' }, 'Registre el dispositivo con una clave.'],
  ['CONFLICT', { reason: 'last_admin' }, 'Es el último administrador'],
  ['CONFLICT', {}, inLanguage('es').t('error.exists')],
  ['INTERNAL_ERROR', {}, 'El servidor tuvo un error interno.'],
  ['QUOTA_EXCEEDED', {}, 'El servidor lo rechazó (QUOTA_EXCEEDED).'],
])('[APP-49] %s is described in Spanish', (code, details, text) => {
  expect(errorText(refusal(code, details), inLanguage('es').t)).toContain(text)
})
