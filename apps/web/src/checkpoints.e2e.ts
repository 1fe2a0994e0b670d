import { SyncBatchResponse } from '@fieldsync/contracts'
import { device, syncBatch } from '@fieldsync/testkit'
import { pageFindings } from '@fieldsync/testkit/browser'
import pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'

import { consoleWorld } from './testing/console-world.ts'

const { database, farm, signIn } = await consoleWorld()

/** A pull of the scout's phone, which reports the checkpoint that it has; the one that it gets. */
async function pull(checkpoint?: string): Promise<string | undefined> {
  const { url, token, deviceId } = farm.callers.scout
  const batch = syncBatch({ device: device({ deviceId }) })
  const report = {
    pending: 0,
    conflicts: 0,
    quarantined: 0,
    ...(checkpoint !== undefined && { checkpoint }),
  }
  const response = await fetch(`${url}/v1/sync/batch`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-device-token': token,
      'idempotency-key': batch.syncId,
      'fieldsync-contract': '1.7.0',
    },
    body: JSON.stringify({ ...batch, report }),
  })
  return SyncBatchResponse.parse(await response.json()).checkpoint
}

/** The first checkpoint of the server, once it has written one. */
async function firstCheckpoint(): Promise<string> {
  let note: string | undefined
  await expect.poll(async () => (note = await pull()), { timeout: 20_000, interval: 200 }).toBeDefined()
  return note ?? ''
}

/** What the scout's phone has reported, as the server has stored it: shortly after its answer. */
async function storedReport(): Promise<unknown> {
  const client = new pg.Client(database.superuserUrl)
  await client.connect()
  const { rows } = await client.query(
    `SELECT report->>'checkpoint' AS note FROM device_states WHERE workspace_id = 'ws_ridge' AND device_id = 'dev_scout'`,
  )
  await client.end()
  return (rows as { note: unknown }[])[0]?.note
}

/** Cuts the end of the farm's chain, as somebody with all rights on the database can. */
async function cutChain(): Promise<void> {
  const client = new pg.Client(database.superuserUrl)
  await client.connect()
  await client.query('SET session_replication_role = replica')
  await client.query(`DELETE FROM audit_entries WHERE workspace_id = 'ws_ridge' AND seq > 2`)
  await client.query(`UPDATE workspace_heads SET audit_seq = 2,
    audit_hash = (SELECT hash FROM audit_entries WHERE workspace_id = 'ws_ridge' AND seq = 2) WHERE workspace_id = 'ws_ridge'`)
  await client.end()
}

const text = { agrees: '1 device agrees', cut: 'Entries are missing', title: 'Is the audit intact?' }

it('[APP-95, APP-96] the audit page shows what devices witness, and an admin acknowledges a loss by the keyboard', async () => {
  const note = await firstCheckpoint()
  await pull(note)
  await expect.poll(storedReport, { timeout: 20_000 }).toBe(note)
  const tab = await signIn('admin', '/audit')
  onTestFinished(() => tab.close())
  const card = tab.locator('section').filter({ hasText: text.title })
  await card.getByText(text.agrees).waitFor()
  await expect.poll(() => card.getByRole('alert').count()).toBe(0)
  expect(await pageFindings(tab)).toEqual([])

  await cutChain()
  await tab.reload()
  await card.getByRole('alert').getByText('The audit is not what it was').waitFor()
  await card.getByRole('row').filter({ hasText: 'dev_scout' }).getByText(text.cut).waitFor()
  expect(await pageFindings(tab)).toEqual([])

  const agronomist = await signIn('agronomist', '/audit')
  await agronomist.getByText('The audit is not what it was').waitFor()
  await expect.poll(() => agronomist.getByRole('button', { name: 'Acknowledge loss' }).count()).toBe(0)
  await agronomist.close()

  await card.getByRole('button', { name: 'Acknowledge loss' }).press('Enter')
  const dialog = tab.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Acknowledge loss' }).press('Enter')
  await dialog.getByText('Say what happened').waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await tab.keyboard.type('Disk failed; backup of 7:00')
  await tab.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await card.getByText('Acknowledged loss').waitFor()
  await expect.poll(() => card.getByRole('alert').count()).toBe(0)
})

it('[APP-95] a scout has no such page to read', async () => {
  const tab = await signIn('scout', '/audit')
  await tab.getByRole('main').waitFor()
  await expect.poll(() => tab.getByText(text.title).count()).toBe(0)
  await tab.close()
})
