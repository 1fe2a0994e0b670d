import { SyncBatchRequest } from '@fieldsync/contracts'
import { openDatabase } from '@fieldsync/db'
import { checkpointOfNote, witnessedNote } from '@fieldsync/domain'
import { observation, syncBatch } from '@fieldsync/testkit'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'

import { Runtime } from '../core/runtime.ts'
import { applyBatch } from '../sync/apply-batch.ts'
import { MemoryCheckpoints } from '../testing/memory-checkpoints.ts'
import { chainRows, cutChain, rewriteChain, tamper } from '../testing/tampering.ts'
import { type TestDevice, testServices, type TestWorkspace } from '../testing/test-workspace.ts'
import { acknowledgeLoss } from './acknowledge.ts'
import { readSignedCheckpoints } from './checkpoint-store.ts'
import { Checkpoints } from './checkpoints.ts'
import { NoteSigner } from './signed-note.ts'
import { getAuditState } from './state.ts'
import { verifyAudit } from './verify.ts'
import { type WitnessFinding, Witnesses } from './witnesses.ts'

const services = await testServices()
const signer = new NoteSigner(Buffer.alloc(32, 1))
let found: WitnessFinding[] = []
let witnesses: Witnesses

/** A server that has just started, with no store: what it knows comes from `round`. */
function restart(key = signer): void {
  witnesses = new Witnesses(services.admin, {
    verifierKeys: [key.verifierKey],
    stores: [],
    onFinding: (finding) => found.push(finding),
  })
  services.runtime.checkpoints = witnesses
}
beforeEach(() => {
  found = []
  restart()
})

/** A device that keeps the newest note and reports it, as the engine does. */
class Witness {
  note: string | undefined
  readonly device: TestDevice
  readonly workspace: TestWorkspace

  constructor(workspace: TestWorkspace, device: TestDevice) {
    this.workspace = workspace
    this.device = device
  }

  /** One call; what the answer carries, and its text. */
  async call(records: number, contract = '1.7.0', key?: string) {
    const batch = syncBatch({
      ...(key !== undefined && { syncId: key }),
      observations: Array.from({ length: records }, () =>
        observation({ deviceId: this.device.actor.deviceId }),
      ),
    })
    return await this.send(batch, contract)
  }

  async send(batch: ReturnType<typeof syncBatch>, contract = '1.7.0') {
    const { deviceId } = this.device.actor
    const input = SyncBatchRequest.parse({
      ...batch,
      device: { ...batch.device, deviceId },
      report: {
        pending: 0,
        conflicts: 0,
        quarantined: 0,
        ...(this.note !== undefined && { checkpoint: this.note }),
      },
    })
    const ctx = this.device.ctx(batch.syncId)
    const { document, replayed } = await applyBatch({
      ctx: { ...ctx, request: { ...ctx.request, contract } },
      input,
    })
    const answer = document.toJSON()
    await services.runtime.deviceStates.flush()
    if (answer.checkpoint !== undefined) this.note = witnessedNote(this.note, answer.checkpoint, null)
    return { text: document.text, replayed, given: answer.checkpoint, conflicts: answer.conflicts }
  }

  /** Calls until a comparison behind the first one has had its effect. */
  async sync() {
    const first = await this.call(0)
    await witnesses.flush()
    return { first, second: await this.call(0) }
  }
}

async function farm() {
  const workspace = await services.workspace()
  const agro = new Witness(workspace, await workspace.device('dev_agro_1', 'agronomist'))
  const scout = new Witness(workspace, await workspace.device('dev_scout_1'))
  const store = new MemoryCheckpoints()
  const round = async () => {
    const server = new Checkpoints(services.admin, signer, [store], (id, newest) => {
      if (id === workspace.workspaceId) witnesses.know(id, newest)
    })
    const { problems, ...rest } = await server.write()
    // Other tests have damaged theirs.
    witnesses.rounded({
      ...rest,
      problems: problems.filter(({ workspaceId }) => workspaceId === workspace.workspaceId),
    })
  }
  await agro.call(2)
  await agro.call(2)
  const verify = async (notes: readonly (string | undefined)[] = []) =>
    verifyAudit({
      ctx: await services.system(workspace.workspaceId),
      input: {
        witnesses: readSignedCheckpoints(
          notes.flatMap((note) => note ?? []),
          [signer.verifierKey],
        ),
      },
    })
  const state = () => getAuditState({ ctx: agro.device.ctx(), input: {} })
  return { workspace, agro, scout, store, round, verify, state }
}

describe('an answer', () => {
  it('[AUD-32] carries the newest checkpoint once, to a push and to a pull', async () => {
    const { agro, scout, round } = await farm()
    expect((await agro.call(1)).given).toBeUndefined()
    await round()
    for (const [device, records] of [
      [agro, 1],
      [scout, 0],
    ] as const) {
      const { given } = await device.call(records)
      expect(readSignedCheckpoints([given ?? ''], [signer.verifierKey])).toHaveLength(1)
      expect((await device.call(records)).given).toBeUndefined()
      expect((await device.call(0)).given).toBeUndefined()
    }
    expect(scout.note).toBe(agro.note)
  })

  it('[AUD-32, IDM-2] that is replayed has the bytes of the first one', async () => {
    const { agro, round } = await farm()
    await round()
    const batch = syncBatch({ observations: [observation({ deviceId: 'dev_agro_1' })] })
    const first = await agro.send(batch)
    expect(first.given).toBeDefined()
    agro.note = undefined
    await agro.call(1)
    await round()
    agro.note = undefined
    expect(await agro.send(batch)).toMatchObject({ text: first.text, replayed: true })
  })

  it.each(['1.6.0', '1.3.0', undefined])(
    '[AUD-32] to a client of contract %s carries none',
    async (contract) => {
      const { agro, round } = await farm()
      await round()
      const { device } = agro
      const batch = syncBatch({ device: { ...syncBatch({}).device, deviceId: 'dev_agro_1' } })
      const ctx = device.ctx()
      const { document } = await applyBatch({
        ctx: { ...ctx, request: { ...ctx.request, contract } },
        input: SyncBatchRequest.parse(batch),
      })
      expect(document.toJSON()).not.toHaveProperty('checkpoint')
    },
  )

  it('[AUD-32] carries a newer one only after the reported one was found in the chain', async () => {
    const { agro, scout, round } = await farm()
    await round()
    await scout.call(0)
    await agro.call(1)
    await round()
    const before = checkpointOfNote(scout.note ?? '')?.seq ?? 0
    expect((await scout.call(0)).given).toBeUndefined()
    await witnesses.flush()
    expect(checkpointOfNote((await scout.call(0)).given ?? '')?.seq).toBeGreaterThan(before)
    expect(found).toEqual([])
  })
})

describe('a device as the witness', () => {
  const CASES: Readonly<
    Record<string, { kind: string; damage: (workspace: TestWorkspace) => Promise<void> }>
  > = {
    'the whole chain rewritten with right hashes': { kind: 'rewritten', damage: (ws) => rewriteChain(ws, 1) },
    'a cut tail': { kind: 'cut', damage: (ws) => cutChain(ws, 3) },
    'an older copy that was written on': {
      kind: 'rewritten',
      damage: async (ws) => {
        await cutChain(ws, 3)
        const other = await ws.device('dev_later_1')
        for (let i = 0; i < 4; i++)
          await other.push({ observations: [observation({ deviceId: 'dev_later_1' })] })
      },
    },
  }
  it.each(Object.entries(CASES))(
    '[AUD-33, AUD-13] %s is found by the server, though every store was emptied, and by `audit verify` with its note',
    async (_, { kind, damage }) => {
      const { workspace, agro, scout, store, round, verify, state } = await farm()
      await round()
      await scout.call(0)
      const { note } = scout
      await damage(workspace)
      // Whoever did it has emptied the store as well, and the server was started again: it signs what it finds.
      store.notes.clear()
      restart()
      await round()
      expect((await verify()).ok).toBe(true)
      expect(await verify([note])).toMatchObject({ ok: false, reason: expect.stringContaining('checkpoint') })
      const { first, second } = await scout.sync()
      expect(first.conflicts).toEqual([])
      // It gets no newer one that would take the place of what it shows.
      expect([first.given, second.given]).toEqual([undefined, undefined])
      expect(scout.note).toBe(note)
      expect(found).toMatchObject([{ workspaceId: workspace.workspaceId, deviceId: 'dev_scout_1', kind }])
      expect(witnesses.contradicted).toBe(true)
      expect((await state()).witnesses).toMatchObject([{ deviceId: 'dev_scout_1', state: kind }])
      // Once, and syncing goes on.
      await scout.sync()
      expect(found).toHaveLength(1)
      expect((await agro.call(1)).conflicts).toEqual([])
    },
  )

  const ALONE: Readonly<Record<string, string[]>> = {
    'an edited row': [
      `UPDATE audit_entries SET body = replace(body, 'dev_agro_1', 'dev_x') WHERE workspace_id = :ws AND seq = 4`,
    ],
    'a deleted row': ['DELETE FROM audit_entries WHERE workspace_id = :ws AND seq = 4'],
    'reordered rows': [
      'UPDATE audit_entries SET seq = 100 WHERE workspace_id = :ws AND seq = 3',
      'UPDATE audit_entries SET seq = 3 WHERE workspace_id = :ws AND seq = 4',
      'UPDATE audit_entries SET seq = 4 WHERE workspace_id = :ws AND seq = 100',
    ],
    'an inserted row': [
      'UPDATE audit_entries SET seq = seq + 100 WHERE workspace_id = :ws AND seq > 3',
      `INSERT INTO audit_entries SELECT workspace_id, 4, hash, body, at FROM audit_entries WHERE workspace_id = :ws AND seq = 3`,
      'UPDATE audit_entries SET seq = seq - 99 WHERE workspace_id = :ws AND seq > 100',
    ],
    'a cut tail with the old head': ['DELETE FROM audit_entries WHERE workspace_id = :ws AND seq > 3'],
  }
  it.each(Object.entries(ALONE))(
    '[AUD-10] %s is found by `audit verify` alone, with its row',
    async (_, damage) => {
      const { workspace, verify } = await farm()
      await tamper(workspace, ...damage)
      expect(await verify()).toMatchObject({ ok: false, reason: expect.stringMatching(/row [34]/) })
    },
  )

  it('[AUD-33] a forged note, one of another key and one of another chain are evidence of nothing', async () => {
    const { agro, scout, round, state } = await farm()
    await round()
    await agro.call(0)
    const real = agro.note ?? ''
    const stranger = new NoteSigner(Buffer.alloc(32, 9))
    const origin = checkpointOfNote(real)?.origin ?? ''
    const text = `${origin}\n999\n${'0'.repeat(64)}\n`
    const elsewhere = `fieldsync/audit/ws_x/wsu_x\n999\n${'0'.repeat(64)}\n`
    for (const note of [
      stranger.sign(text),
      signer.sign(elsewhere),
      `${text}\n— fieldsync-audit AAAA\n`,
      'x',
    ]) {
      scout.note = note
      const { first, second } = await scout.sync()
      expect(first.conflicts).toEqual([])
      // A number beyond the chain's end is replaced by nothing; what is no note at all, by the newest.
      expect(second.given === undefined).toBe(note !== 'x')
      const states = (await state()).witnesses.map((each) => each.state)
      expect(states.filter((each) => each === 'cut' || each === 'rewritten')).toEqual([])
    }
    expect(found).toEqual([])
  })

  it('[AUD-33] a server with another key takes an earlier one’s notes for unknown, with its public key for what they say', async () => {
    const { workspace, scout, round, state } = await farm()
    await round()
    await scout.call(0)
    await cutChain(workspace, 3)
    restart(new NoteSigner(Buffer.alloc(32, 7)))
    await scout.sync()
    expect(found).toEqual([])
    expect((await state()).witnesses).toMatchObject([{ state: 'unknown' }])
    restart()
    await scout.sync()
    expect(found).toHaveLength(1)
  })
})

describe('a loss after a restore', () => {
  it('[AUD-14, AUD-33, OPS-91] is acknowledged by an admin with a reason, in the audit; then devices get new checkpoints', async () => {
    const { workspace, agro, scout, round, verify, state } = await farm()
    const admin = await workspace.device('dev_admin_1', 'admin')
    await agro.call(1)
    await round()
    await scout.call(0)
    const note = scout.note
    await cutChain(workspace, 4)
    await round()
    await scout.sync()
    expect(found).toHaveLength(1)
    expect(await state()).toMatchObject({ problem: 'cut', witnesses: [{ state: 'cut' }] })
    const acknowledge = () =>
      acknowledgeLoss({ ctx: admin.ctx(), input: { reason: 'Disk failed; backup of 07:00' } })
    expect((await acknowledge()).document.toJSON().checkpoints).toMatchObject([
      { seq: checkpointOfNote(note ?? '')?.seq },
    ])
    expect((await acknowledge()).document.toJSON().checkpoints).toEqual([])
    expect(witnesses.contradicted).toBe(false)
    await round()
    expect(witnesses.contradicted).toBe(false)
    expect((await chainRows(workspace)).at(-1)?.body).toContain('"why":"Disk failed; backup of 07:00"')
    expect((await state()).witnesses).toMatchObject([{ state: 'lost' }])
    expect(await verify([note])).toMatchObject({ ok: true, witnesses: { agree: 0, lost: 1 } })
    // Once the chain is past the lost rows, the device gets a checkpoint of the branch that goes on.
    for (let i = 0; i < 6; i++) await agro.call(1)
    await round()
    await scout.sync()
    expect(checkpointOfNote(scout.note ?? '')?.seq).toBeGreaterThan(checkpointOfNote(note ?? '')?.seq ?? 0)
    expect(found).toHaveLength(1)
  })

  it('[AUD-14, OPS-90, OPS-91] an agronomist may see the state and not acknowledge a loss', async () => {
    const { agro, scout } = await farm()
    await expect(acknowledgeLoss({ ctx: agro.device.ctx(), input: { reason: 'x' } })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    })
    await expect(getAuditState({ ctx: scout.device.ctx(), input: {} })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    })
  })
})

describe('comparing', () => {
  it('[AUD-33] asks nothing for a note that is the newest, and once for one that many devices report', async () => {
    const { workspace, agro, round } = await farm()
    await round()
    const devices = [agro]
    for (const id of ['dev_a', 'dev_b', 'dev_c'])
      devices.push(new Witness(workspace, await workspace.device(id)))
    for (const device of devices) await device.call(0)
    await agro.call(1)
    await round()
    let asked = 0
    const { pool } = services.db
    const query = pool.query.bind(pool)
    const counting: typeof pool.query = ((...args: Parameters<typeof query>) => {
      if (JSON.stringify(args[0]).includes('workspace_uid AS uid')) asked++
      return query(...args)
    }) as typeof pool.query
    pool.query = counting
    try {
      for (const device of devices) await device.call(0)
      await witnesses.flush()
      for (const device of devices) await device.sync()
      expect(asked).toBe(1)
      expect(new Set(devices.map(({ note }) => note)).size).toBe(1)
    } finally {
      pool.query = query
    }
  })

  it('[AUD-33] a database that is away costs no call anything: the note is compared at a later one', async () => {
    const { workspace, scout, round } = await farm()
    await round()
    await scout.call(0)
    await cutChain(workspace, 3)
    restart()
    const { note } = scout
    const db = openDatabase({ url: 'postgresql://nobody:none@127.0.0.1:1/none', max: 1 })
    onTestFinished(() => db.close())
    const away = new Witnesses(
      { ...services.admin, runtime: new Runtime({ db, pepper: services.pepper }) },
      {
        verifierKeys: [signer.verifierKey],
        stores: [],
        onFinding: (finding) => found.push(finding),
      },
    )
    const call = {
      workspaceId: workspace.workspaceId,
      deviceId: 'dev_scout_1',
      reported: note,
      contract: '1.7.0',
    }
    expect(away.answerField(call)).toBe('')
    await away.flush()
    expect(found).toEqual([])
    await scout.sync()
    expect(found).toHaveLength(1)
  })
})
