import { FieldsyncError } from '@fieldsync/client'
import { createMessages } from '@fieldsync/messages'
import { expect, it } from 'vitest'

import { en } from '../../messages/en.ts'
import { es } from '../../messages/es.ts'
import { signInErrorText } from './sign-in-error-text.ts'

const { t } = createMessages(en, es)('en')

const error = (
  code: 'RATE_LIMITED' | 'FORBIDDEN' | 'AUTH_REQUIRED' | 'VALIDATION_ERROR',
  more: object,
): FieldsyncError =>
  new FieldsyncError(code, {
    status: 400,
    code,
    message: 'Refused.',
    retryable: false,
    requestId: 'req_1',
    traceId: 'trace_1',
    details: undefined,
    retryAfterMs: undefined,
    ...more,
  })

it.each([
  [error('RATE_LIMITED', { retryAfterMs: 60_001 }), 'Too many attempts. Try again in 2 minutes.'],
  [error('RATE_LIMITED', { retryAfterMs: 1 }), 'Too many attempts. Try again in 1 minute.'],
  [error('RATE_LIMITED', {}), 'Too many attempts. Wait a few minutes, then try again.'],
  [error('FORBIDDEN', { details: { reason: 'https' } }), en['signIn.needsHttps']],
  [error('FORBIDDEN', { details: { reason: 'role' } }), undefined],
  [error('AUTH_REQUIRED', { details: { reason: 'invalid', action: 'authenticate' } }), undefined],
  [
    error('VALIDATION_ERROR', { details: { issues: [{ path: '/newPassword', message: 'x' }] } }),
    en['password.guessable'],
  ],
  [
    error('VALIDATION_ERROR', { details: { issues: [{ path: '/password', message: 'x' }] } }),
    en['password.guessable'],
  ],
  [error('VALIDATION_ERROR', { details: { issues: [{ path: '/name', message: 'x' }] } }), undefined],
  [new Error('else'), undefined],
])('[APP-76] who may not use a password now is told when, where, or why: %#', (refused, text) => {
  expect(signInErrorText(refused, t)).toBe(text)
})
