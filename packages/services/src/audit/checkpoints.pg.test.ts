import { checkpointOrigin } from '@fieldsync/domain'
import { observation } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { MemoryCheckpoints } from '../testing/memory-checkpoints.ts'
import { chainRows, cutChain, rewriteChain, tamper } from '../testing/tampering.ts'
import { testServices, type TestWorkspace } from '../testing/test-workspace.ts'
import { acknowledgeLostBranch } from './acknowledge.ts'
import { storedCheckpoints } from './checkpoint-store.ts'
import { Checkpoints } from './checkpoints.ts'
import { contradictionsOf, unacknowledged } from './contradictions.ts'
import { listAudit } from './list.ts'
import { NoteSigner } from './signed-note.ts'
import { verifyAudit } from './verify.ts'

const services = await testServices()
const signer = new NoteSigner(Buffer.alloc(32, 1))

/** A workspace with a chain, and where its checkpoints are kept. */
async function chain(pushes = 3) {
  const workspace = await services.workspace()
  const agro = await workspace.device('dev_agro_1', 'agronomist')
  const { rows } = await services.db.pool.query<{ uid: string }>(
    'SELECT workspace_uid AS uid FROM workspaces WHERE workspace_id = $1',
    [workspace.workspaceId],
  )
  const origin = checkpointOrigin(workspace.workspaceId, rows[0]?.uid ?? '')
  const store = new MemoryCheckpoints()
  const push = async (times = 1) => {
    for (let i = 0; i < times; i++)
      await agro.push({ observations: [observation({ deviceId: 'dev_agro_1' })] })
  }
  await push(pushes)
  const ofThis = <T extends { workspaceId: string }>(all: readonly T[]) =>
    all.filter(({ workspaceId }) => workspaceId === workspace.workspaceId)
  return {
    workspace,
    agro,
    origin,
    store,
    push,
    /** One round of a server that has just started, or of the given one. */
    round: async (server = new Checkpoints(services.admin, signer, [store])) =>
      ofThis((await server.write()).problems),
    server: () => new Checkpoints(services.admin, signer, [store]),
    stored: () => storedCheckpoints(store, origin, [signer.verifierKey]),
    verify: async () =>
      verifyAudit({
        ctx: await services.system(workspace.workspaceId),
        input: { witnesses: await storedCheckpoints(store, origin, [signer.verifierKey]) },
      }),
    /** The chain and its head as they are, to be restored later. */
    copy: async () => {
      const last = (await chainRows(workspace)).at(-1)?.seq ?? 0
      return () => cutChain(workspace, last)
    },
  }
}

describe('checkpoints', () => {
  it('[AUD-12] are written of each chain that has grown, and name its end', async () => {
    const { workspace, round, server, store, origin, stored, push, verify } = await chain()
    const running = server()
    expect(await round(running)).toEqual([])
    const verdict = await verify()
    if (!verdict.ok) throw new Error(verdict.reason)
    expect(await stored()).toMatchObject([{ origin, seq: verdict.seq, hash: verdict.hash }])
    expect(verdict.witnesses).toEqual({ agree: 1, lost: 0 })
    await round(running)
    await round(server())
    expect(store.notes.get(origin)?.size).toBe(1)
    await push(2)
    expect(await round(running)).toEqual([])
    expect((await stored()).map(({ seq }) => seq)).toEqual([verdict.seq + 2, verdict.seq])
    expect([...store.notes.keys()]).toContain(origin)
    expect(workspace.workspaceId).toBe(origin.split('/')[2])
  })

  it('[AUD-12] of several servers are the same, and written once', async () => {
    const { round, server, store, origin, push } = await chain()
    const [one, other] = [server(), server()]
    for (let i = 0; i < 3; i++) {
      await push()
      await Promise.all([round(one), round(other)])
    }
    expect(store.notes.get(origin)?.size).toBe(3)
  })

  const CASES: Readonly<
    Record<
      string,
      (of: {
        workspace: TestWorkspace
        push: (times?: number) => Promise<void>
        restore: () => Promise<void>
      }) => Promise<void>
    >
  > = {
    'a chain that was rewritten with right hashes': ({ workspace }) => rewriteChain(workspace, 3),
    'a chain that was rewritten from its first row': ({ workspace }) => rewriteChain(workspace, 1),
    'a tail that was cut': ({ restore }) => restore(),
    'an older copy that was restored and written on': async ({ restore, push }) => {
      await restore()
      await push(6)
    },
  }
  it.each(Object.entries(CASES))('[AUD-13] %s is found, and gets no new checkpoint', async (_, damage) => {
    const { workspace, round, server, stored, push, copy, verify } = await chain()
    const restore = await copy()
    await push(3)
    const running = server()
    await round(running)
    const before = await stored()
    await damage({ workspace, push, restore })
    // The chain alone shows nothing.
    const alone = await verifyAudit({ ctx: await services.system(workspace.workspaceId), input: {} })
    expect(alone.ok).toBe(true)
    expect(await verify()).toMatchObject({ ok: false, reason: expect.stringContaining('checkpoint') })
    for (const each of [running, server()])
      expect(await round(each)).toEqual([
        {
          workspaceId: workspace.workspaceId,
          kind: expect.stringMatching(/cut|rewritten/),
          reason: expect.stringContaining('checkpoint'),
        },
      ])
    expect(await stored()).toEqual(before)
  })

  it('[AUD-13] a row that was altered since the last checkpoint is found before the next is signed', async () => {
    const { workspace, round, push, stored } = await chain()
    await round()
    const [last] = await stored()
    await push(3)
    await tamper(
      workspace,
      `UPDATE audit_entries SET body = replace(body, 'dev_agro_1', 'dev_x') WHERE workspace_id = :ws AND seq = ${(last?.seq ?? 0) + 2}`,
    )
    expect(await round()).toMatchObject([{ reason: expect.stringContaining('does not match its body') }])
    expect(await stored()).toEqual([last])
  })

  it('[AUD-13] a checkpoint that is not signed with the key, or is of another chain, is none', async () => {
    const { round, store, origin, stored, push } = await chain()
    await round()
    const [real] = await stored()
    await push()
    const stranger = new NoteSigner(Buffer.alloc(32, 9))
    await store.add(origin, '999999999999999-forged', stranger.sign(`${origin}\n999\n${'0'.repeat(64)}\n`))
    await store.add(origin, '999999999999998-other', signer.sign(`${origin}x\n999\n${'0'.repeat(64)}\n`))
    await store.add(origin, '999999999999997-broken', 'x')
    expect(await stored()).toEqual([real])
    expect(await round()).toEqual([])
  })
})

describe('several stores', () => {
  /** A store that is down until it is `up`. */
  class FailingStore extends MemoryCheckpoints {
    override readonly name: string = 'failing'
    up = false
    override list = (origin: string) =>
      this.up
        ? Promise.resolve([...(this.notes.get(origin)?.keys() ?? [])])
        : Promise.reject(new Error('is down'))
  }

  it('[AUD-30] a store that is down is reported, keeps no other from its checkpoint, and gets the newest later', async () => {
    const { workspace, store, origin, push } = await chain()
    const failing = new FailingStore()
    const announced: number[] = []
    const server = new Checkpoints(services.admin, signer, [failing, store], (id, { seq }) => {
      if (id === workspace.workspaceId) announced.push(seq)
    })
    expect((await server.write()).failures).toEqual([{ store: 'failing', reason: 'is down' }])
    expect(store.notes.get(origin)?.size).toBe(1)
    expect(failing.notes.size).toBe(0)
    // Syncing goes on.
    await push()
    failing.up = true
    expect((await server.write()).failures).toEqual([])
    expect([...(failing.notes.get(origin)?.keys() ?? [])]).toEqual([
      [...(store.notes.get(origin)?.keys() ?? [])].at(-1),
    ])
    expect(store.notes.get(origin)?.size).toBe(2)
    expect(announced).toHaveLength(2)
    await server.write()
    expect(announced).toHaveLength(2)
    // One that has just started finds them there.
    await new Checkpoints(services.admin, signer, [failing, store], (id, { seq }) => {
      if (id === workspace.workspaceId) announced.push(seq)
    }).write()
    expect(announced[2]).toBe(announced[1])
  })

  it('[AUD-13, AUD-30] what contradicts the checkpoint of one store gets none in any', async () => {
    const { workspace, store, origin, push } = await chain()
    const other = new MemoryCheckpoints()
    const both = () => new Checkpoints(services.admin, signer, [other, store])
    await both().write()
    store.notes.clear()
    await rewriteChain(workspace, 2)
    await push()
    const { problems } = await both().write()
    expect(problems.filter(({ workspaceId }) => workspaceId === workspace.workspaceId)).toHaveLength(1)
    expect(store.notes.has(origin)).toBe(false)
    expect(other.notes.get(origin)?.size).toBe(1)
  })
})

describe('a lost branch', () => {
  it('[AUD-14] is acknowledged with a reason, in the chain: then new checkpoints follow, and the loss stays visible', async () => {
    const { workspace, agro, round, server, store, push, copy, stored, verify } = await chain()
    const restore = await copy()
    await push(3)
    const running = server()
    await round(running)
    await restore()
    expect(await round(running)).toHaveLength(1)
    // Syncing goes on meanwhile.
    await push()
    const lost = await stored()
    const acknowledge = () =>
      acknowledgeLostBranch({
        ctx: services.admin,
        input: {
          workspaceId: workspace.workspaceId,
          checkpoints: lost,
          reason: 'Disk failed; backup of 07:00',
        },
      })
    expect(await acknowledge()).toEqual(lost.map(({ seq, hash }) => ({ seq, hash })))
    expect(await acknowledge()).toEqual([])
    const { items } = await listAudit({ ctx: agro.ctx(), input: { limit: 1 } })
    expect(items.toJSON()).toMatchObject([
      {
        action: 'audit.acknowledgeLostBranch',
        actor: { kind: 'system' },
        reason: 'Disk failed; backup of 07:00',
        change: { kind: 'lost', beforeSha256: lost[0]?.hash },
      },
    ])
    // Another checkpoint of the same row was not acknowledged with it.
    const [{ seq } = { seq: 0 }] = lost
    const others = await contradictionsOf(services.admin, workspace.workspaceId, [
      { seq, hash: 'f'.repeat(64) },
    ])
    expect(await unacknowledged(services.admin, workspace.workspaceId, others)).toEqual(others)
    expect(others).toHaveLength(1)
    expect(await round(running)).toEqual([])
    expect(await round()).toEqual([])
    expect(await stored()).toHaveLength(2)
    expect(await verify()).toMatchObject({ ok: true, witnesses: { agree: 1, lost: 1 } })
    // What was acknowledged covers no other loss.
    await push()
    await round(running)
    await rewriteChain(workspace, 2)
    expect(await round(running)).toHaveLength(1)
    expect(await verify()).toMatchObject({ ok: false })
    expect(store.notes.size).toBeGreaterThan(0)
  })
})
