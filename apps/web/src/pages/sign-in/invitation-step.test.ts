import { PersonId } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { invitationStep } from './invitation-step.ts'

const ana = {
  personId: PersonId.parse('usr_01kh7xq4tne5gz3v8w2m6ryb9c'),
  name: 'Ana',
  email: 'Ana@farm.example',
  twoFactor: false,
}

it.each([
  // Whom it is for, whether they have an account, who is signed in.
  [null, false, null, 'first'],
  [null, false, ana, 'join'],
  ['ana@farm.example', false, null, 'new'],
  ['ana@farm.example', true, null, 'signIn'],
  ['ana@farm.example', true, ana, 'join'],
  ['bea@farm.example', true, ana, 'other'],
  ['bea@farm.example', false, ana, 'other'],
] as const)(
  '[APP-77] an invitation of %s (account: %s) is accepted step by step: %#',
  (email, accountExists, person, step) => {
    expect(invitationStep({ email, accountExists }, person)).toBe(step)
  },
)
