import { callOperation } from '@fieldsync/testkit'

import type { labelledFarm } from './labelled-farm.ts'
import type { SharedSystem } from './shared-system.ts'

/** Invites the same person to each farm, and returns what those of the others are called. */
export async function givePeople(
  system: Pick<SharedSystem, 'superuser'>,
  foreign: readonly Pick<Awaited<ReturnType<typeof labelledFarm>>, 'caller' | 'workspaceId'>[],
): Promise<{ theirInvitation: string; theirPerson: string }> {
  const input = { email: 'rosa@example.com', role: 'viewer' }
  const invited = await Promise.all(
    foreign.map(({ caller }) => callOperation({ ...caller, operation: 'people.invite', input, key: 'rosa' })),
  )
  const { invitationId } = JSON.parse(invited[0]?.text ?? '') as { invitationId: string }
  const theirPerson = 'usr_01kh7xq4tne5gz3v8w2m6ryb9c'
  await system.superuser.pool.query(
    `INSERT INTO people (id, name, email, created_at, updated_at) VALUES ($1, 'Rosa', $2, now(), now())`,
    [theirPerson, input.email],
  )
  await system.superuser.pool.query(
    `INSERT INTO devices (workspace_id, device_id, role, created_at, person_id)
       VALUES ($1, 'dev_web_01kh7xq4tne5gz3v8w2m6ryb9c', 'viewer', now(), $2)`,
    [foreign[0]?.workspaceId, theirPerson],
  )
  return { theirInvitation: invitationId, theirPerson }
}
