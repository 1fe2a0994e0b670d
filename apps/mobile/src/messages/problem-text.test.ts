import { AUTH_ACTIONS, BREACH_CODES, ERROR_CODES, FORBIDDEN_REASONS } from '@fieldsync/contracts'
import { WRITE_REFUSALS } from '@fieldsync/sync-engine'
import { expect, it } from 'vitest'

import { textsIn } from './messages.ts'
import { problemText, type SyncProblem, writeIssueText } from './problem-text.ts'

const SENTENCE = 'The server’s own sentence.'
const refused = (code: string, reason: string | null = null): SyncProblem => ({
  state: 'error',
  problem: SENTENCE,
  problemDetail: { kind: 'refused', code, reason, action: null },
})

const PROBLEMS: readonly SyncProblem[] = [
  ...[...ERROR_CODES, 'QUOTA_EXCEEDED'].map((code) => refused(code)),
  ...Object.keys(AUTH_ACTIONS).map((reason) => refused('AUTH_REQUIRED', reason)),
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
})

it('[APP-49] every reason why a write was not stored has a text in both languages', () => {
  for (const code of [...WRITE_REFUSALS, ...BREACH_CODES]) {
    const issue = { path: '/rawNoteText', message: SENTENCE, code, bound: 2 }
    const [english, spanish] = [writeIssueText(textsIn('en'), issue), writeIssueText(textsIn('es'), issue)]
    expect(spanish).not.toBe(english)
    expect(`${english} ${spanish}`).not.toMatch(/\{\{|The server’s own/)
  }
})
