import type { Step } from './parity-corpus.ts'

const NOBODY = 'usr_01kh7xq4tne5gz3v8w2m6ryb9c'
const email = 'rosa@example.com'

/** Calls on people and invitations, after those of the other corpora. */
export const PEOPLE_CORPUS: readonly Step[] = [
  {
    name: 'invite a person',
    as: 'admin',
    operation: 'people.invite',
    key: 'invite',
    input: { email: 'Rosa@Example.com', role: 'agronomist' },
    expected: { answer: { email, name: null, role: 'agronomist' }, replayed: false },
  },
  {
    name: 'invite them again by the same key',
    as: 'admin',
    operation: 'people.invite',
    key: 'invite',
    input: { email: 'Rosa@Example.com', role: 'agronomist' },
    expected: { answer: { email, link: null }, replayed: true },
  },
  {
    name: 'invite a service',
    as: 'admin',
    operation: 'people.invite',
    key: 'invite a service',
    input: { email, role: 'service' },
    expected: 'VALIDATION_ERROR',
  },
  {
    name: 'invitations',
    as: 'admin',
    operation: 'people.invitations',
    input: {},
    expected: { answer: [{ email, state: 'open', invitedBy: 'dev_admin' }] },
  },
  {
    name: 'people',
    as: 'admin',
    operation: 'people.list',
    input: {},
    expected: { answer: [] },
  },
  {
    name: 'people from a cursor of another list',
    as: 'admin',
    operation: 'people.list',
    input: { cursor: 'k12' },
    expected: 'VALIDATION_ERROR',
  },
  {
    name: 'withdraw an unknown invitation',
    as: 'admin',
    operation: 'people.withdrawInvitation',
    input: { invitationId: 'inv_01kh7xq4tne5gz3v8w2m6ryb9c' },
    expected: 'NOT_FOUND',
  },
  {
    name: 'change the role of nobody',
    as: 'admin',
    operation: 'people.setRole',
    input: { personId: NOBODY, role: 'viewer' },
    expected: 'NOT_FOUND',
  },
  {
    name: 'end the access of nobody',
    as: 'admin',
    operation: 'people.endAccess',
    input: { personId: NOBODY },
    expected: 'NOT_FOUND',
  },
  {
    name: 'a reset link for nobody',
    as: 'admin',
    operation: 'people.resetLink',
    input: { personId: NOBODY },
    expected: 'NOT_FOUND',
  },
  {
    name: 'end an access as a scout',
    operation: 'people.endAccess',
    input: { personId: NOBODY },
    expected: 'FORBIDDEN',
  },
]
