import { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import type { Role } from '@fieldsync/domain'
import { describe, expect, it } from 'vitest'

import type { AuthenticatedActor } from './actor.ts'
import type { ServiceContext } from './context.ts'
import { authRequired, CredentialChanged, forbidden, ServiceError } from './service-error.ts'
import { verb } from './verb.ts'

const actor = (role: Role, epoch = 1): AuthenticatedActor => ({
  kind: 'device',
  workspaceId: WorkspaceId.parse('ws_one'),
  deviceId: DeviceId.parse('dev_one'),
  role,
  epoch,
})

/** A caller from memory, whose rights are by now those of `present`, and how often they were read. */
function remembered(role: Role, present: () => AuthenticatedActor) {
  const caller = { reads: 0, actor: actor(role) }
  caller.actor.confirm = () => {
    caller.reads++
    return Promise.resolve().then(present)
  }
  return caller
}

type Outcome = string | ServiceError
type Decide = (seen: AuthenticatedActor) => Outcome | Promise<Outcome>

/** Calls a verb that notes who it ran for; the right that it asks for is one of an admin. */
async function call(
  caller: AuthenticatedActor,
  options: { checksRights: boolean } | undefined,
  decide: Decide = ({ role, epoch }) => `${role} ${epoch}`,
) {
  const ran: AuthenticatedActor[] = []
  const tried = verb(
    'admin',
    async ({ ctx }: { ctx: ServiceContext; input: object }) => {
      ran.push(ctx.actor)
      return await decide(ctx.actor)
    },
    options,
  )
  // Of its context a verb itself looks at the caller only.
  const ctx = { actor: caller } as ServiceContext
  const answer = await tried({ ctx, input: {} }).catch((error: unknown) => error)
  return { answer, ran: ran.map(({ role, epoch }) => `${role} ${epoch}`) }
}

const REFUSED = expect.objectContaining({ code: 'FORBIDDEN', details: { reason: 'role' } })
const UNKNOWN = authRequired('revoked', 'gone')

describe('a verb', () => {
  it('says which right it asks for, and does nothing for a caller without it', async () => {
    const { answer, ran } = await call(actor('scout'), undefined)
    expect([answer, ran]).toEqual([REFUSED, []])
    expect(String(answer)).toContain('scout')
    expect((await call(actor('admin'), undefined)).answer).toBe('admin 1')
    expect(verb('sync', () => Promise.resolve('')).right).toBe('sync')
  })

  it('throws the refusal that it decides on, and answers the rest', async () => {
    const run = (outcome: string | ServiceError) =>
      verb('sync', () => Promise.resolve(outcome))({
        ctx: { actor: actor('scout') } as ServiceContext,
        input: {},
      })
    await expect(run('done')).resolves.toBe('done')
    await expect(run(UNKNOWN)).rejects.toBe(UNKNOWN)
    const refusal = forbidden('role', 'not this one')
    expect((await call(actor('admin'), undefined, () => refusal)).answer).toBe(refusal)
    const changed = new CredentialChanged()
    expect(await call(actor('admin'), { checksRights: true }, () => changed)).toEqual({
      answer: changed,
      ran: ['admin 1'],
    })
  })

  it.each([
    ['a read', undefined],
    ['a write that checks no rights', { checksRights: false }],
  ])('[ACC-4] %s of a remembered caller is decided by its present rights alone', async (_, options) => {
    const demoted = remembered('admin', () => actor('scout', 2))
    expect(await call(demoted.actor, options)).toEqual({ answer: REFUSED, ran: [] })
    const promoted = remembered('scout', () => actor('admin', 2))
    expect(await call(promoted.actor, options)).toEqual({ answer: 'admin 2', ran: ['admin 2'] })
    const revoked = remembered('admin', () => {
      throw UNKNOWN
    })
    expect(await call(revoked.actor, options)).toEqual({ answer: UNKNOWN, ran: [] })
    expect([demoted.reads, promoted.reads, revoked.reads]).toEqual([1, 1, 1])
  })

  describe('that checks rights in its own statement', () => {
    const options = { checksRights: true }
    /** Its statement finds that the rights are not the remembered ones. */
    const noticing: Decide = ({ role, epoch }) => (epoch === 1 ? new CredentialChanged() : `${role} ${epoch}`)

    it('spares a remembered caller the look at its rights while they stand', async () => {
      const caller = remembered('admin', () => actor('admin'))
      expect(await call(caller.actor, options)).toEqual({ answer: 'admin 1', ran: ['admin 1'] })
      expect(caller.reads).toBe(0)
    })

    it('[ACC-4] runs again by the present rights where its statement finds others', async () => {
      const changed = remembered('admin', () => actor('admin', 2))
      expect(await call(changed.actor, options, noticing)).toEqual({
        answer: 'admin 2',
        ran: ['admin 1', 'admin 2'],
      })
      const demoted = remembered('admin', () => actor('scout', 2))
      expect(await call(demoted.actor, options, noticing)).toEqual({ answer: REFUSED, ran: ['admin 1'] })
      const revoked = remembered('admin', () => {
        throw UNKNOWN
      })
      expect(await call(revoked.actor, options, noticing)).toEqual({ answer: UNKNOWN, ran: ['admin 1'] })
    })

    it('[ACC-4] refuses by remembered rights only while they are the present ones', async () => {
      const same = remembered('scout', () => actor('scout'))
      expect(await call(same.actor, options)).toEqual({ answer: REFUSED, ran: [] })
      const promoted = remembered('scout', () => actor('admin', 2))
      expect(await call(promoted.actor, options)).toEqual({ answer: 'admin 2', ran: ['admin 2'] })
      // Also where the verb itself refuses: it is asked once while the rights stand.
      const own = forbidden('device_mismatch', 'another device')
      const asked = remembered('admin', () => actor('admin'))
      expect(await call(asked.actor, options, () => own)).toEqual({ answer: own, ran: ['admin 1'] })
      // Any other refusal does not depend on rights.
      const other = new ServiceError('CONFLICT', 'taken')
      const certain = remembered('admin', () => actor('admin', 2))
      expect(await call(certain.actor, options, () => other)).toEqual({ answer: other, ran: ['admin 1'] })
      expect([same.reads, asked.reads, certain.reads]).toEqual([1, 1, 0])
    })
  })

  it('[RUN-9] answers UNAVAILABLE for a database that is away, and leaves any other error as it is', async () => {
    const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const bug = new Error('a bug')
    const refusal = new ServiceError('CONFLICT', 'taken', { cause: away })
    const failing = (error: Error) =>
      call(actor('admin'), undefined, () => {
        throw error
      })
    expect((await failing(away)).answer).toEqual(
      expect.objectContaining({
        code: 'UNAVAILABLE',
        message: 'The database is not reachable at the moment; try again shortly.',
        retryAfterSeconds: 2,
        cause: away,
      }),
    )
    expect((await failing(bug)).answer).toBe(bug)
    expect((await failing(refusal)).answer).toBe(refusal)
  })
})
