import { WorkspaceId } from '@fieldsync/contracts'
import { auditHash } from '@fieldsync/domain'
import { observation, playbookPatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { sha256 } from '../core/json-text.ts'
import { testServices, type TestWorkspace } from '../testing/test-workspace.ts'
import { verifyAudit } from './verify.ts'

const services = await testServices()

const verify = async ({ workspaceId }: TestWorkspace) =>
  verifyAudit({ ctx: await services.system(workspaceId), input: {} })

/** A workspace with a chain of seven rows. */
async function chain(): Promise<TestWorkspace> {
  const workspace = await services.workspace()
  const agro = await workspace.device('dev_agro_1', 'agronomist')
  for (let i = 0; i < 5; i++) await agro.push({ observations: [observation({ deviceId: 'dev_agro_1' })] })
  return workspace
}

/** What only somebody with all rights on the database can do: triggers are off. */
async function tamper(workspace: TestWorkspace, statement: string): Promise<void> {
  const client = await services.superuser.pool.connect()
  try {
    await client.query("SET session_replication_role = 'replica'")
    await client.query(statement.replaceAll(':ws', `'${workspace.workspaceId}'`))
  } finally {
    await client.query('RESET session_replication_role')
    client.release()
  }
}

const rowsOf = async (workspace: TestWorkspace) =>
  (
    await services.db.pool.query<{ seq: string; body: string; hash: string }>(
      'SELECT seq, body, hash FROM audit_entries WHERE workspace_id = $1 ORDER BY seq',
      [workspace.workspaceId],
    )
  ).rows

describe('verifying', () => {
  it('[AUD-10] passes what was not touched, beside writers', async () => {
    const workspace = await chain()
    const scout = await workspace.device('dev_scout_1')
    const [verdict] = await Promise.all([
      verify(workspace),
      scout.push({ observations: [observation()] }),
      scout.push({ observations: [observation()] }),
    ])
    expect(verdict.ok).toBe(true)
    expect(await verify(workspace)).toMatchObject({ ok: true, rows: 10 })
  })

  const IN_WS = 'WHERE workspace_id = :ws AND seq'
  it.each([
    [
      'an altered body',
      `UPDATE audit_entries SET body = replace(body, 'dev_agro_1', 'dev_agro_2') ${IN_WS} = 4`,
      4,
    ],
    [
      'one altered character',
      `UPDATE audit_entries SET body = overlay(body PLACING ' ' FROM 1 FOR 0) ${IN_WS} = 5`,
      5,
    ],
    ['an altered hash', `UPDATE audit_entries SET hash = repeat('0', 64) ${IN_WS} = 3`, 3],
    [
      'an altered time beside the body',
      `UPDATE audit_entries SET at = at - interval '1 day' ${IN_WS} = 6`,
      6,
    ],
    ['the first row removed', `DELETE FROM audit_entries ${IN_WS} = 1`, 1],
    ['a row removed', `DELETE FROM audit_entries ${IN_WS} = 4`, 4],
    [
      'a row removed and the rest moved up',
      `DELETE FROM audit_entries ${IN_WS} = 4; UPDATE audit_entries SET seq = seq - 1 ${IN_WS} > 4`,
      4,
    ],
    ['a cut end', `DELETE FROM audit_entries ${IN_WS} > 5`, 6],
    ['every row removed', 'DELETE FROM audit_entries WHERE workspace_id = :ws', 1],
    [
      'two rows swapped',
      `UPDATE audit_entries SET seq = 100 ${IN_WS} = 3; UPDATE audit_entries SET seq = 3 ${IN_WS} = 4;
      UPDATE audit_entries SET seq = 4 ${IN_WS} = 100`,
      3,
    ],
    [
      'a row added at the end',
      `INSERT INTO audit_entries SELECT workspace_id, 8, repeat('a', 64), body, at FROM audit_entries ${IN_WS} = 7`,
      8,
    ],
    [
      'a row added before the first',
      `INSERT INTO audit_entries SELECT workspace_id, 0, hash, body, at FROM audit_entries ${IN_WS} = 1`,
      0,
    ],
    [
      'a row of another workspace',
      `UPDATE audit_entries a SET body = b.body, hash = b.hash FROM audit_entries b
      WHERE a.workspace_id = :ws AND a.seq = 2 AND b.workspace_id <> :ws AND b.seq = 2`,
      2,
    ],
    ['another head', `UPDATE workspace_heads SET audit_hash = repeat('b', 64) WHERE workspace_id = :ws`, 7],
    [
      'a head that is ahead',
      'UPDATE workspace_heads SET audit_seq = audit_seq + 1 WHERE workspace_id = :ws',
      8,
    ],
    [
      'a head that is behind',
      `UPDATE workspace_heads SET audit_seq = 6, audit_hash = (SELECT hash FROM audit_entries ${IN_WS} = 6) WHERE workspace_id = :ws`,
      7,
    ],
    ['no JSON', `UPDATE audit_entries SET body = 'x' ${IN_WS} = 2`, 2],
  ])('[AUD-10] names %s', async (_name, statement, seq) => {
    await chain()
    const workspace = await chain()
    await tamper(workspace, statement)
    expect(await verify(workspace)).toMatchObject({ ok: false, seq })
  })

  it('[AUD-10] names the row after one that was rewritten with a hash that fits', async () => {
    const workspace = await chain()
    const rows = await rowsOf(workspace)
    const body = rows[3]?.body.replace('dev_agro_1', 'dev_agro_2') ?? ''
    const hash = auditHash(rows[2]?.hash ?? '', body, sha256)
    await tamper(
      workspace,
      `UPDATE audit_entries SET body = $$${body}$$, hash = '${hash}' WHERE workspace_id = :ws AND seq = 4`,
    )
    expect(await verify(workspace)).toMatchObject({ ok: false, seq: 5 })
  })

  it('[AUD-10] an unknown workspace is reported', async () => {
    const unknown = WorkspaceId.parse('ws_none')
    await expect(services.system(unknown)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('what is append only', () => {
  const TABLES = ['audit_entries', 'playbook_patches', 'playbook_versions', 'observation_corrections']

  it.each(TABLES)('[AUD-9][PCH-13][PCH-14] %s', async (table) => {
    const workspace = await chain()
    const agro = await workspace.device('dev_agro_2', 'agronomist')
    const correction = {
      correctionId: 'cor_1',
      reason: 'x',
      correctedAt: '2026-02-11T20:00:00Z',
      supersedes: 'sha256:00000000',
    }
    await agro.push({
      observations: [observation({ deviceId: 'dev_agro_2', correction })],
      playbookPatches: [playbookPatch({ requestedByDeviceId: 'dev_agro_2' })],
    })
    const statements = [
      `UPDATE ${table} SET workspace_id = workspace_id`,
      `DELETE FROM ${table}`,
      `TRUNCATE ${table} CASCADE`,
    ]
    for (const { pool } of [services.db, services.owner, services.superuser]) {
      for (const statement of statements)
        await expect(pool.query(statement)).rejects.toMatchObject({ code: '42501' })
    }
    await expect(services.db.pool.query(`ALTER TABLE ${table} DISABLE TRIGGER ALL`)).rejects.toMatchObject({
      code: '42501',
    })
    await expect(services.db.pool.query("SET session_replication_role = 'replica'")).rejects.toMatchObject({
      code: '42501',
    })
    const { rows } = await services.db.pool.query(`SELECT FROM ${table} WHERE workspace_id = $1`, [
      workspace.workspaceId,
    ])
    expect(rows.length).toBeGreaterThan(0)
  })
})
