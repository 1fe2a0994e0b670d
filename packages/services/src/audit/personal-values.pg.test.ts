import { invitationLink, PersonId } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { Runtime } from '../core/runtime.ts'
import { erasePerson } from '../erasure/erase-person.ts'
import { acceptInvitation } from '../people/accept-invitation.ts'
import { renamePerson } from '../people/account.ts'
import { invitePerson } from '../people/invite.ts'
import { createResetLink } from '../people/reset-link.ts'
import { chainRows, rewriteChain, tamper } from '../testing/tampering.ts'
import { testServices, type TestWorkspace } from '../testing/test-workspace.ts'
import { pruneAudit } from './prune.ts'
import { verifyAudit } from './verify.ts'

const services = await testServices()
const reason = 'Request of 12 March'
let count = 0

type Farm = { workspace: TestWorkspace; personId: PersonId; email: string }

/** A workspace whose rows after its own and its device's are an invitation, an acceptance, a new name and a reset link. */
async function farm(): Promise<Farm> {
  const workspace = await services.workspace()
  await workspace.device('dev_boss', 'admin')
  const email = `rosa${++count}@example.com`
  const linkTo = (code: string) => invitationLink('', code)
  const ctx = await services.system(workspace.workspaceId)
  const invited = await invitePerson({ ctx, input: { email, name: 'Rosa', role: 'scout', linkTo } })
  const code = invited.document.toJSON().link?.split('#')[1] ?? ''
  const by = { name: 'Rosa Quispe', email: undefined, password: 'hashed' }
  const { personId } = await acceptInvitation(services.admin, { code, by })
  await renamePerson(services.admin, personId, 'Rosa Núñez')
  await renamePerson(services.admin, personId, 'Rosa Núñez')
  await createResetLink({ ctx, input: { personId, linkTo } })
  return { workspace, personId, email }
}

const verify = async ({ workspace }: Farm) =>
  await verifyAudit({ ctx: await services.system(workspace.workspaceId), input: {} })
const values = async ({ workspace }: Farm) =>
  (
    await services.db.pool.query<{ seq: string; value: string }>(
      'SELECT seq, value FROM audit_personal_values WHERE workspace_id = $1 ORDER BY seq, value',
      [workspace.workspaceId],
    )
  ).rows
const erase = (personId: PersonId) =>
  erasePerson({ ctx: services.admin, input: { personId: PersonId.parse(personId), reason } })

describe('names and addresses beside the audit', () => {
  it('[AUD-34] the chain has commitments to them, and verifying compares what lies beside it', async () => {
    const own = await farm()
    const { email } = own
    expect((await values(own)).map(({ seq, value }) => `${seq} ${value}`)).toEqual(
      [
        '3 Rosa',
        `3 ${email}`,
        '4 Rosa Quispe',
        `4 ${email}`,
        '5 Rosa Núñez',
        `5 ${email}`,
        '6 Rosa Núñez',
        `6 ${email}`,
      ].toSorted(),
    )
    const chain = (await chainRows(own.workspace)).map(({ body }) => body).join('\n')
    for (const secret of ['Rosa', email]) expect(chain).not.toContain(secret)
    expect(chain.match(/"pii":/g)).toHaveLength(4)
    expect(await verify(own)).toMatchObject({ ok: true, commitments: { checked: 8, erased: 0 } })
  })

  it('[AUD-34] equal values have commitments of their own, so that none is found by another', async () => {
    const own = await farm()
    const { rows } = await services.db.pool.query<{ salts: number; commitments: number }>(
      `SELECT count(DISTINCT salt)::int AS salts, count(DISTINCT commitment)::int AS commitments
        FROM audit_personal_values WHERE workspace_id = $1`,
      [own.workspace.workspaceId],
    )
    expect(rows).toEqual([{ salts: 8, commitments: 8 }])
  })

  const IN_ROW = 'WHERE workspace_id = :ws AND seq'
  it.each([
    [
      'a changed name',
      `UPDATE audit_personal_values SET value = 'Eva' ${IN_ROW} = 4 AND value = 'Rosa Quispe'`,
      4,
    ],
    [
      'a changed salt',
      `UPDATE audit_personal_values SET salt = repeat('0', 64) ${IN_ROW} = 3 AND value = 'Rosa'`,
      3,
    ],
    [
      'a value of another row',
      `UPDATE audit_personal_values SET seq = 4 ${IN_ROW} = 3 AND value = 'Rosa'`,
      4,
    ],
    [
      'two values swapped',
      `UPDATE audit_personal_values v SET value = o.value FROM audit_personal_values o
        WHERE v.workspace_id = :ws AND v.seq = 3 AND o.workspace_id = :ws AND o.seq = 3 AND o.value <> v.value`,
      3,
    ],
    ['a removed value', `DELETE FROM audit_personal_values ${IN_ROW} = 5 AND value = 'Rosa Núñez'`, 5],
    [
      'an added value',
      `INSERT INTO audit_personal_values SELECT workspace_id, seq, repeat('c', 64), subject_id, salt, 'Eva'
        FROM audit_personal_values ${IN_ROW} = 5 LIMIT 1`,
      5,
    ],
    ['a value beside an entry without any', `UPDATE audit_personal_values SET seq = 1 ${IN_ROW} = 5`, 1],
  ])('[AUD-34] names %s', async (_name, statement, seq) => {
    const own = await farm()
    await tamper(own.workspace, statement)
    expect(await verify(own)).toMatchObject({ ok: false, seq })
  })

  it('[AUD-34] a commitment that was changed in the chain names the values beside it', async () => {
    const own = await farm()
    await rewriteChain(own.workspace, 4, (body) => body.replace(/"sha256":"./g, '"sha256":"z'))
    expect(await verify(own)).toMatchObject({ ok: false, seq: 4 })
  })

  it('[AUD-34, ERA-6] erasing the person removes values and salts, and the chain stays valid and says what was erased', async () => {
    const own = await farm()
    await erase(own.personId)
    expect(await values(own)).toEqual([])
    expect(await verify(own)).toMatchObject({ ok: true, commitments: { checked: 0, erased: 8 } })
    const last = (await chainRows(own.workspace)).at(-1)?.body ?? ''
    expect(last).toMatch(/"type":"person".*"type":"invitation"/)
  })

  it('[AUD-34] an erasure explains what it erased alone: nothing of another person, and nothing later', async () => {
    const own = await farm()
    const other = await farm()
    await tamper(own.workspace, `DELETE FROM audit_personal_values WHERE workspace_id = :ws AND seq = 3`)
    await erase(other.personId)
    expect(await verify(own)).toMatchObject({ ok: false, seq: 3 })
    expect(await verify(other)).toMatchObject({ ok: true })
  })

  it('[AUD-34] an erasure while the chain is verified is no finding', async () => {
    const own = await farm()
    const ctx = await services.system(own.workspace.workspaceId)
    const runtime = services.interrupted((statement) =>
      statement === 'audit-personal-values' ? erase(own.personId).then(() => undefined) : undefined,
    )
    expect(await verifyAudit({ ctx: { ...ctx, runtime }, input: {} })).toMatchObject({
      ok: true,
      commitments: { checked: 0, erased: 8 },
    })
  })

  it('[AUD-34, AUD-21] go with the rows that are pruned', async () => {
    const own = await farm()
    const { workspaceId } = own.workspace
    const checkpoint = (await chainRows(own.workspace)).find(({ seq }) => seq === 4)
    if (!checkpoint) throw new Error('no row')
    const runtime = new Runtime({ db: services.owner, pepper: services.pepper })
    const before = new Date(services.clock.now().getTime() + 1)
    const input = { workspaceId, before, checkpoints: [checkpoint] }
    await pruneAudit({ ctx: { ...services.admin, runtime }, input })
    expect((await values(own)).map(({ seq }) => seq)).toEqual(['5', '5', '6', '6'])
    expect(await verify(own)).toMatchObject({ ok: true, commitments: { checked: 4, erased: 0 } })
  })

  it('[AUD-34] the application cannot change a value', async () => {
    await expect(services.db.pool.query(`UPDATE audit_personal_values SET value = ''`)).rejects.toMatchObject(
      { code: '42501' },
    )
  })
})
