import type { OperationName } from '@fieldsync/contracts'
import { playbook } from '@fieldsync/testkit'

import { SHARED_KEY } from './labelled-farm.ts'

/**
 * The result of a call with a foreign id, key or cursor: our own record of that name, nothing at all, a refusal, or an
 * answer that shows no record.
 */
type Expected = 'own' | 'nothing' | 'plain' | 'FORBIDDEN' | 'NOT_FOUND' | 'CURSOR_INVALID'
export type Case = {
  readonly what: string
  readonly input: Record<string, unknown>
  readonly expected: Expected
  readonly key?: string
  readonly conflicts?: readonly string[]
}

/** Live weather, and recommendations by a playbook and weather of others for an observation whose id both have. */
export const recommendationCases = (observationId: string, theirWeather: string) =>
  ({
    'weather.live': [{ what: 'a place', input: { lat: 38.5, lon: -121.7 }, expected: 'FORBIDDEN' }],
    'recommendations.generate': [
      {
        what: 'a playbook of theirs',
        input: { observationId, playbookId: 'pbk_theirs' },
        expected: 'NOT_FOUND',
      },
      {
        what: 'weather of theirs',
        input: { observationId, weatherFeaturesId: theirWeather },
        expected: 'NOT_FOUND',
      },
    ],
  }) as const satisfies Partial<Record<OperationName, readonly Case[]>>

/** Grants to the devices of other workspaces. */
export const GRANT_CASES = {
  'grants.list': [
    { what: 'no parameter', input: {}, expected: 'plain' },
    { what: 'a holder of theirs', input: { deviceId: 'dev_only_theirs' }, expected: 'nothing' },
  ],
  'grants.create': [
    {
      what: 'a device of theirs',
      input: { deviceId: 'dev_only_theirs', path: '', actions: ['edit'] },
      expected: 'NOT_FOUND',
    },
  ],
  'grants.revoke': [
    {
      what: 'a grant of nobody here',
      input: { grantId: 'grt_00000000000000000000000000000000' },
      expected: 'NOT_FOUND',
    },
  ],
} as const satisfies Partial<Record<OperationName, readonly Case[]>>

/** Services by the ids of other workspaces; `dev_svc_twin` is there in each. */
export const SERVICE_CASES = {
  'devices.wipe': [
    { what: 'a device of theirs', input: { deviceId: 'dev_only_theirs' }, expected: 'NOT_FOUND' },
  ],
  'security.list': [{ what: 'no parameter', input: {}, expected: 'nothing' }],
  'services.list': [
    { what: 'no parameter', input: {}, expected: 'plain' },
    { what: 'the id before one of theirs', input: { cursor: 'sdev_svc_only' }, expected: 'nothing' },
  ],
  'services.create': [
    {
      what: 'a key and an id of theirs',
      input: { serviceId: 'dev_svc_only_theirs', scopes: ['read'] },
      expected: 'plain',
      key: SHARED_KEY,
    },
    {
      what: 'a device of theirs to write for',
      input: { serviceId: 'dev_svc_other', scopes: ['read'], deviceIds: ['dev_only_theirs'] },
      expected: 'NOT_FOUND',
    },
  ],
  'services.rotate': [
    { what: 'a service with a twin', input: { serviceId: 'dev_svc_twin' }, expected: 'plain' },
    { what: 'a service of nobody here', input: { serviceId: 'dev_svc_nobody' }, expected: 'NOT_FOUND' },
  ],
  'services.grant': [
    {
      what: 'a service with a twin',
      input: { serviceId: 'dev_svc_twin', scopes: ['sync'] },
      expected: 'plain',
    },
    {
      what: 'a device of theirs',
      input: { serviceId: 'dev_svc_twin', deviceIds: ['dev_only_theirs'] },
      expected: 'NOT_FOUND',
    },
  ],
  'services.revoke': [
    { what: 'a service of nobody here', input: { serviceId: 'dev_svc_nobody' }, expected: 'NOT_FOUND' },
    { what: 'a service with a twin', input: { serviceId: 'dev_svc_twin' }, expected: 'plain' },
  ],
} as const satisfies Partial<Record<OperationName, readonly Case[]>>

/** People and invitations by the ids of another workspace. */
export const peopleCases = ({
  theirInvitation,
  theirPerson,
}: {
  readonly theirInvitation: string
  readonly theirPerson: string
}) =>
  ({
    'people.list': [
      { what: 'no parameter', input: {}, expected: 'nothing' },
      { what: 'the id of theirs', input: { cursor: `p${theirPerson}` }, expected: 'nothing' },
    ],
    'people.invitations': [
      { what: 'the id of theirs', input: { cursor: `p${theirInvitation}` }, expected: 'nothing' },
    ],
    'people.invite': [
      {
        what: 'a key and an address of theirs',
        input: { email: 'rosa@example.com', role: 'viewer' },
        expected: 'plain',
        key: SHARED_KEY,
      },
    ],
    'people.withdrawInvitation': [
      { what: 'an invitation of theirs', input: { invitationId: theirInvitation }, expected: 'NOT_FOUND' },
    ],
    'people.setRole': [
      {
        what: 'a person of theirs',
        input: { personId: theirPerson, role: 'admin' },
        expected: 'NOT_FOUND',
      },
    ],
    'people.endAccess': [
      { what: 'a person of theirs', input: { personId: theirPerson }, expected: 'NOT_FOUND' },
    ],
    'people.resetLink': [
      { what: 'a person of theirs', input: { personId: theirPerson }, expected: 'NOT_FOUND' },
    ],
  }) as const satisfies Partial<Record<OperationName, readonly Case[]>>
const theirs = { playbookId: 'pbk_theirs', baseVersion: 3, reason: 'As agreed' }

/** Publishing in a workspace that lacks the playbook, and deciding on proposals that it has none of. */
export const PUBLISHING_CASES = {
  'playbooks.create': [
    {
      what: 'a key of theirs',
      input: { document: playbook({ playbookId: 'pbk_made' }), reason: 'As agreed' },
      expected: 'plain',
      key: SHARED_KEY,
    },
  ],
  'playbooks.publish': [
    {
      what: 'a playbook of theirs',
      input: { ...theirs, document: playbook({ playbookId: 'pbk_theirs' }) },
      expected: 'NOT_FOUND',
    },
  ],
  'playbooks.rollBack': [
    { what: 'a playbook of theirs', input: { ...theirs, toVersion: 1 }, expected: 'NOT_FOUND' },
    {
      what: 'a version of theirs',
      input: { playbookId: 'pbk_made', baseVersion: 1, toVersion: 5, reason: 'As agreed' },
      expected: 'NOT_FOUND',
    },
  ],
  'playbooks.retire': [{ what: 'a playbook of theirs', input: theirs, expected: 'NOT_FOUND' }],
  'proposals.list': [
    { what: 'a playbook of theirs', input: { playbookId: 'pbk_theirs' }, expected: 'nothing' },
  ],
  'proposals.get': [{ what: 'a number of theirs', input: { proposalId: 'prp_1' }, expected: 'NOT_FOUND' }],
  'proposals.approve': [
    { what: 'a number of theirs', input: { proposalId: 'prp_1' }, expected: 'NOT_FOUND' },
  ],
  'proposals.reject': [
    {
      what: 'a number of theirs',
      input: { proposalId: 'prp_1', reason: 'As agreed' },
      expected: 'NOT_FOUND',
    },
  ],
  'proposals.withdraw': [
    { what: 'a number of theirs', input: { proposalId: 'prp_1' }, expected: 'NOT_FOUND' },
  ],
} as const satisfies Partial<Record<OperationName, readonly Case[]>>
