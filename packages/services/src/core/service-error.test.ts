import { AUTH_ACTIONS, MAX_ISSUES } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import {
  authRequired,
  CredentialChanged,
  forbidden,
  generationConflict,
  notFound,
  peopleConflict,
  publishingConflict,
  refusalOf,
  ServiceError,
  settingsConflict,
  tokenRefused,
  unavailable,
  validationError,
} from './service-error.ts'

const issues = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ path: `/upserts/${index}`, message: 'is wrong' }))

describe('a refusal', () => {
  it('[ERR-5] lists the first violations of the contract, and counts the others, found here or before', () => {
    const detailsOf = (found: number, more?: number) => validationError(issues(found), more).details
    expect(validationError(issues(1))).toMatchObject({
      code: 'VALIDATION_ERROR',
      message: expect.stringContaining('contract'),
    })
    expect(detailsOf(0)).toEqual({ issues: [] })
    expect(detailsOf(MAX_ISSUES)).toEqual({ issues: issues(MAX_ISSUES) })
    expect(detailsOf(MAX_ISSUES + 3)).toEqual({ issues: issues(MAX_ISSUES), more: 3 })
    expect(detailsOf(2, 5)).toEqual({ issues: issues(2), more: 5 })
    expect(detailsOf(MAX_ISSUES + 1, 5)).toEqual({ issues: issues(MAX_ISSUES), more: 6 })
  })

  it('[ACC-1] of a credential says what is wrong with it and what the device has to do', () => {
    for (const reason of ['missing', 'invalid', 'revoked'] as const) {
      expect(authRequired(reason, 'because')).toMatchObject({
        code: 'AUTH_REQUIRED',
        message: 'because',
        details: { reason, action: AUTH_ACTIONS[reason] },
      })
    }
    expect(forbidden('role', 'because')).toMatchObject({ code: 'FORBIDDEN', details: { reason: 'role' } })
  })

  it('[ACC-25] of a pre-shared token says that the device has to enroll with a key', () => {
    expect(tokenRefused()).toMatchObject({
      code: 'AUTH_REQUIRED',
      message: 'This workspace no longer accepts device tokens; enroll this device with a key.',
      details: { reason: 'token_refused', action: AUTH_ACTIONS.token_refused },
    })
  })

  it('[AUD-20] of a credential that the server gave says whose it was, but not to the caller', () => {
    const refusal = authRequired('revoked', 'gone')
    const whose = { workspaceId: 'ws_one', deviceId: 'dev_one' }
    expect(refusalOf(whose, refusal)).toBe(refusal)
    expect(refusal.about).toEqual(whose)
    expect(refusal.details).toEqual({ reason: 'revoked', action: AUTH_ACTIONS.revoked })
    expect(authRequired('invalid', 'unknown').about).toBeUndefined()
  })

  it.each([
    ['settings', settingsConflict('settings_version', 'because', { version: 7 })],
    ['publishing', publishingConflict('stale', 'because', { version: 7 })],
  ])('by the state of %s says why, and what a client needs besides', (_, refusal) => {
    expect(refusal).toMatchObject({ code: 'CONFLICT', message: 'because' })
    expect(refusal.details).toMatchObject({ version: 7 })
  })

  it.each([
    ['settings', settingsConflict('no_admin_key', 'because'), 'no_admin_key'],
    ['publishing', publishingConflict('decided', 'because'), 'decided'],
    ['recommendations', generationConflict('no_rule', 'because'), 'no_rule'],
    ['people', peopleConflict('last_admin', 'because'), 'last_admin'],
  ])('by the state of %s is a CONFLICT with its reason', (_, refusal, reason) => {
    expect(refusal).toMatchObject({ code: 'CONFLICT', message: 'because' })
    expect(refusal.details).toEqual({ reason })
  })

  it('names what is not there', () => {
    expect(notFound('playbook', 'pbk_1')).toMatchObject({
      code: 'NOT_FOUND',
      message: 'There is no playbook pbk_1 in this workspace.',
      details: undefined,
    })
  })

  it('[ERR-19] for now says when to try again, and keeps its cause for the log', () => {
    const cause = new Error('away')
    expect(unavailable('Not now.', cause)).toMatchObject({
      code: 'UNAVAILABLE',
      message: 'Not now.',
      retryAfterSeconds: 2,
      cause,
    })
    expect(new CredentialChanged()).toMatchObject({
      name: 'CredentialChanged',
      code: 'UNAVAILABLE',
      message: expect.stringContaining('try again'),
      retryAfterSeconds: 1,
    })
  })

  it('has a cause only where there is one', () => {
    const error = new ServiceError('CONFLICT', 'taken')
    expect(String(error)).toBe('ServiceError: taken')
    expect('cause' in error).toBe(false)
    expect(new ServiceError('CONFLICT', 'taken', { cause: null })).toHaveProperty('cause', null)
  })
})
