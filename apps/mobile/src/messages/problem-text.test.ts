import { FieldsyncError, type KnownOrNot, NetworkError, type NetworkErrorKind } from '@fieldsync/client'
import {
  AUTH_ACTIONS,
  BREACH_CODES,
  CONTRACT_REASONS,
  ERROR_CODES,
  FORBIDDEN_REASONS,
} from '@fieldsync/contracts'
import { WRITE_REFUSALS } from '@fieldsync/sync-engine'
import { expect, it } from 'vitest'

import { textsIn } from './messages.ts'
import { keyProblem, problemText, type SyncProblem, writeIssueText } from './problem-text.ts'

const SENTENCE = 'The server’s own sentence.'
const refused = (code: string, reason: string | null = null): SyncProblem => ({
  state: 'error',
  problem: SENTENCE,
  problemDetail: { kind: 'refused', code, reason, action: null },
})

const PROBLEMS: readonly SyncProblem[] = [
  ...[...ERROR_CODES, 'QUOTA_EXCEEDED'].map((code) => refused(code)),
  ...Object.keys(AUTH_ACTIONS).map((reason) => refused('AUTH_REQUIRED', reason)),
  ...CONTRACT_REASONS.map((reason) => refused('CONTRACT_UNSUPPORTED', reason)),
  ...FORBIDDEN_REASONS.map((reason) => refused('FORBIDDEN', reason)),
  { ...refused(''), problemDetail: { kind: 'redirected', address: null } },
  { ...refused(''), problemDetail: { kind: 'redirected', address: 'https://other.example' } },
  ...(['error', 'auth_required', 'sync_deferred'] as const).map((state) => ({
    state,
    problem: SENTENCE,
    problemDetail: null,
  })),
]

it('[APP-49] every problem of a sync has a text in both languages, and none has the server’s sentence', () => {
  for (const problem of PROBLEMS) {
    const [english, spanish] = [problemText(textsIn('en').t, problem), problemText(textsIn('es').t, problem)]
    expect(spanish).not.toBe(english)
    expect(`${english} ${spanish}`).not.toContain(SENTENCE)
  }
  expect(problemText(textsIn('es').t, refused('QUOTA_EXCEEDED'))).toContain('(QUOTA_EXCEEDED)')
  const tooOld = refused('CONTRACT_UNSUPPORTED', 'client_older')
  expect(problemText(textsIn('en').t, tooOld)).toMatch(/Update the app; .* notes stay on this device/)
})

it('[APP-49] every reason why a write was not stored has a text in both languages', () => {
  for (const code of [...WRITE_REFUSALS, ...BREACH_CODES]) {
    const issue = { path: '/rawNoteText', message: SENTENCE, code, bound: 2 }
    const [english, spanish] = [writeIssueText(textsIn('en'), issue), writeIssueText(textsIn('es'), issue)]
    expect(spanish).not.toBe(english)
    expect(`${english} ${spanish}`).not.toMatch(/\{\{|The server’s own/)
  }
})

const refusal = (code: KnownOrNot, sentCode: string, details: unknown) =>
  new FieldsyncError(code, {
    status: 400,
    code: sentCode,
    message: SENTENCE,
    retryable: false,
    requestId: '',
    traceId: '',
    details,
    retryAfterMs: undefined,
  })
const unanswered = (kind: NetworkErrorKind, address: string | null = null) =>
  new NetworkError(kind, SENTENCE, { address })
const AGAIN = ['offline', 'timeout', 'unreachable', 'aborted'] as const

it('[APP-49, ENR-4] every reason why a device was not set up has a text in both languages', () => {
  const english = (error: unknown) => keyProblem(textsIn('en').t, error, 'setup.noAnswer')
  const errors = [
    refusal('ENROLLMENT_INVALID', 'ENROLLMENT_INVALID', undefined),
    refusal('AUTH_REQUIRED', 'AUTH_REQUIRED', { reason: 'proof_invalid', action: 'new_proof' }),
    refusal('UNKNOWN_CODE', 'QUOTA_EXCEEDED', undefined),
    refusal('CONTRACT_UNSUPPORTED', 'CONTRACT_UNSUPPORTED', {
      reason: 'client_newer',
      minimum: '1.0.0',
      maximum: '1.0.0',
    }),
    ...[...AGAIN, 'not_ours', 'busy', 'redirected'].map((kind) => unanswered(kind as NetworkErrorKind)),
    unanswered('redirected', 'https://other.example'),
    new Error(SENTENCE),
  ]
  for (const error of errors) {
    const spanish = keyProblem(textsIn('es').t, error, 'setup.noAnswer')
    expect(spanish).not.toBe(english(error))
    expect(`${english(error)} ${spanish}`).not.toMatch(/\{\{|The server’s own/)
  }
  expect(english(errors[0])).toContain('Ask your administrator for a new one')
  expect(english(errors[1])).toContain('key could not be checked')
  for (const kind of AGAIN) expect(english(unanswered(kind))).toContain('you can use the same code')
  expect(english(unanswered('not_ours'))).toContain('no Fieldsync server')
  expect(english(unanswered('redirected', 'https://other.example'))).toContain('https://other.example')
})
