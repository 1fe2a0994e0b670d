import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { startServer, testDatabase } from '@fieldsync/testkit'
import pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'

import { clientDevices, runCommand } from '../testing/client-devices.ts'
import { S3Server } from '../testing/s3-server.ts'

const KEY = 'a checkpoint key of at least 32 characters'

it('[AUD-30, AUD-32, AUD-33, ENG-85, ENG-86] a phone shows a chain that was cut together with all its checkpoints', async () => {
  const database = await testDatabase()
  await using bucket = await S3Server.start()
  await using devices = await clientDevices()
  const folder = mkdtempSync(path.join(tmpdir(), 'fieldsync-witness-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const token = 'pre-shared-token-of-anna-in-the-field'
  const env = {
    ...database.serverEnv,
    PEPPER: 'the pepper of the witness’s test, long enough',
    CHECKPOINT_KEY: KEY,
    CHECKPOINT_DIR: path.join(folder, 'checkpoints'),
    CHECKPOINT_S3_URL: bucket.url,
    CHECKPOINT_S3_REGION: bucket.region,
    CHECKPOINT_S3_KEY_ID: bucket.keyId,
    CHECKPOINT_S3_SECRET: bucket.secret,
  }
  await using server = await startServer({ env: { ...env, DEVICE_TOKENS: `ws_ridge/dev_anna=${token}` } })
  await server.logged('wrote checkpoints of the audit')
  expect([...bucket.objects.keys()]).toEqual([
    expect.stringMatching(/^ws_ridge\/wsu_\w+\/\d{15}-\w{16}\.note$/),
  ])

  // The phone gets its checkpoint with a sync, and prints it.
  await devices.run('anna', 'enroll', '--url', server.url, '--token', token)
  await devices.json('anna', 'sync')
  const { stdout: note } = await devices.run('anna', 'checkpoint')
  expect([...bucket.objects.values()]).toEqual([note])
  await devices.json('anna', 'sync')

  const { port } = new URL(server.url)
  await server[Symbol.asyncDispose]()
  // Whoever has all rights cuts the chain, and empties every store.
  const client = new pg.Client(database.superuserUrl)
  await client.connect()
  await client.query('SET session_replication_role = replica')
  await client.query(`DELETE FROM audit_entries WHERE workspace_id = 'ws_ridge' AND seq > 1`)
  await client.query(`UPDATE workspace_heads SET audit_seq = 1,
    audit_hash = (SELECT hash FROM audit_entries WHERE workspace_id = 'ws_ridge' AND seq = 1) WHERE workspace_id = 'ws_ridge'`)
  await client.query(`UPDATE device_states SET report = NULL`)
  await client.end()
  bucket.objects.clear()
  rmSync(env.CHECKPOINT_DIR, { recursive: true })
  const verify = (...more: string[]) => runCommand(['audit', 'verify', 'ws_ridge', ...more], env)
  expect(await verify()).toMatchObject({ code: 0 })
  const witness = path.join(folder, 'anna.note')
  writeFileSync(witness, note)
  expect(await verify('--witness', witness)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('the chain ends before row') as string,
  })

  // A server that was started again finds it by itself, once the phone has synced.
  await using again = await startServer({ env: { ...env, PORT: port } })
  await again.logged('wrote checkpoints of the audit')
  expect(await devices.json('anna', 'sync')).toMatchObject({ state: 'idle' })
  expect(
    await again.logged(
      'the audit contradicts the checkpoint of a device; see “Checkpoints of the audit” in docs/operations/audit.md',
    ),
  ).toMatchObject({
    deviceId: 'dev_anna',
    kind: 'cut',
  })
  expect((await devices.run('anna', 'checkpoint')).stdout).toBe(note)
  expect(server.logs() + again.logs()).not.toContain(bucket.secret)
})
