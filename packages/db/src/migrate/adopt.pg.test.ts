import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'

import { testDatabase } from '../testing/index.ts'
import { migrate } from './migrate.ts'
import { OWN_SCHEMA, readSchema } from './schema-source.ts'
import { SQUASH } from './squashed-migrations.ts'

const { ownerUrl } = await testDatabase()
const schema = await readSchema(OWN_SCHEMA)
const released = new Map(SQUASH.functions)
const ADOPTED = [
  `${SQUASH.initial} (adopted)`,
  // What changed after the squash.
  ...schema.migrations.slice(1).map((file) => file.name),
  ...schema.functions.files
    .filter((file) => released.get(file.name) !== file.checksum)
    .map((file) => `functions/${file.name}`),
]

/** Takes back what the migrations after the squash have added: a new one adds its reverse. */
const BEFORE_LATER_MIGRATIONS = `ALTER TABLE device_tokens DROP COLUMN IF EXISTS replaces_others, DROP COLUMN IF EXISTS pepper_id;
  ALTER TABLE devices DROP COLUMN IF EXISTS token_epoch, DROP COLUMN IF EXISTS wipe_requested_at,
    DROP COLUMN IF EXISTS wipe_acknowledged_at, DROP COLUMN IF EXISTS wipe_unsent_deleted,
    DROP COLUMN IF EXISTS service_scope, DROP COLUMN IF EXISTS person_id, DROP COLUMN IF EXISTS role_provider;
  ALTER TABLE playbook_versions DROP COLUMN IF EXISTS kind, DROP COLUMN IF EXISTS made_by, DROP COLUMN IF EXISTS reason,
    DROP COLUMN IF EXISTS proposal;
  ALTER TABLE device_states DROP COLUMN IF EXISTS contact_day;
  ALTER TABLE recommendations DROP COLUMN IF EXISTS playbook_id, DROP COLUMN IF EXISTS window_ends_micros;
  DROP TABLE IF EXISTS playbook_proposals, device_keys, enrollments, signing_keys, workspace_settings, service_grants,
    playbook_grants, audit_terms, audit_index_heads, security_events, audit_beginnings, audit_personal_values, erasures, invitations,
    password_resets, person_used_codes, person_two_factors, person_verifications, person_accounts, person_sessions,
    people, rate_limits, weather_cells;
  ALTER TABLE weather_features DROP COLUMN IF EXISTS cell_lat, DROP COLUMN IF EXISTS cell_lon, DROP COLUMN IF EXISTS profile_at`

describe('a database from before the squash', () => {
  const owner = new pg.Client(ownerUrl)
  const rows = async (sql: string) => (await owner.query(sql)).rows
  const history = () =>
    rows(`SELECT migration_name, checksum, finished_at IS NOT NULL AS finished, rolled_back_at, logs, applied_steps_count
      FROM _prisma_migrations ORDER BY 1`)
  const names = async () => (await history()).map((row) => row.migration_name)
  const record = () => rows('SELECT file, checksum FROM _fieldsync_functions ORDER BY 1')
  const hasRecord = async () =>
    (await rows(`SELECT to_regclass('_fieldsync_functions') IS NOT NULL AS found`))[0]?.found
  const functionsWrittenBy = () =>
    rows(`SELECT proname, xmin::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1`)
  /** Gives the database the history that builds before the squash left, up to and including this many migrations. */
  const goBackTo = async (count: number) => {
    await owner.query(
      'DELETE FROM _prisma_migrations; DROP TABLE IF EXISTS _fieldsync_functions, _fieldsync_compatibility',
    )
    await owner.query(BEFORE_LATER_MIGRATIONS)
    for (const [name, checksum] of SQUASH.replaced.slice(0, count)) await addToHistory(name, checksum)
  }
  const addToHistory = (name: string, checksum: string) =>
    owner.query(
      `INSERT INTO _prisma_migrations (id, migration_name, checksum, finished_at, applied_steps_count)
       VALUES (gen_random_uuid(), $1, $2, now(), 1)`,
      [name, checksum],
    )
  const last = SQUASH.replaced.length
  const replacedNames = SQUASH.replaced.map(([name]) => name)

  let fresh: { history: unknown[]; record: unknown[] }
  beforeAll(async () => {
    await owner.connect()
    fresh = { history: await history(), record: await record() }
  })
  afterAll(() => owner.end())
  beforeEach(() => goBackTo(last))

  it('[GRA-9] gives those that may edit playbooks the grants that come with their role', async () => {
    await owner.query(`ALTER TABLE devices DISABLE TRIGGER devices_default_grant;
      INSERT INTO workspaces (workspace_id, name, time_zone, created_at) VALUES ('ws_old', 'Old', 'UTC', now());
      INSERT INTO devices (workspace_id, device_id, role, created_at)
        SELECT 'ws_old', 'dev_' || role, role, now() FROM unnest(ARRAY['viewer', 'scout', 'agronomist', 'admin']) role;
      ALTER TABLE devices ENABLE TRIGGER devices_default_grant`)
    await migrate({ ownerUrl })
    expect(
      await rows(
        `SELECT device_id, playbook_id, path, actions, not_before, expires_at, by_role, revoked_at FROM playbook_grants ORDER BY 1`,
      ),
    ).toEqual(
      [
        { device_id: 'dev_admin', actions: ['edit', 'create', 'delete', 'publish'] },
        { device_id: 'dev_agronomist', actions: ['edit', 'create', 'delete'] },
      ].map((each) => ({
        ...each,
        playbook_id: null,
        path: '',
        not_before: null,
        expires_at: null,
        by_role: true,
        revoked_at: null,
      })),
    )
    await owner.query(`DELETE FROM playbook_grants; DELETE FROM devices; DELETE FROM workspaces`)
  })

  it('[RUN-3] is adopted unchanged, and then has the history of a new one', async () => {
    const before = await functionsWrittenBy()
    const reported: string[] = []
    expect(await migrate({ ownerUrl, onApplied: (name) => reported.push(name) })).toEqual(ADOPTED)
    expect(reported).toEqual(ADOPTED)
    expect({ history: await history(), record: await record() }).toEqual(fresh)
    if (ADOPTED.length === 1) expect(await functionsWrittenBy()).toEqual(before)
    expect(await migrate({ ownerUrl })).toEqual([])
  })

  it.each(SQUASH.replaced.slice(0, -1).map(([name], index) => [name, index + 1] as const))(
    '[RUN-3] is refused at %s, with the build to start first, and left unchanged',
    async (name, count) => {
      await goBackTo(count)
      await expect(migrate({ ownerUrl })).rejects.toThrow(
        `at migration ${name}; this build continues from ${replacedNames.at(-1)}. First start the last build with the ` +
          'eight separate migrations (Fieldsync 0.1.0 with contract 1.4.0, such as commit 7149d04, whose newest migration is 20261129100000_search_text',
      )
      expect(await names()).toEqual(replacedNames.slice(0, count))
      expect(await hasRecord()).toBe(false)
    },
  )

  it('[RUN-3] is refused where a migration was another one than was released', async () => {
    await owner.query(`UPDATE _prisma_migrations SET checksum = 'other' WHERE migration_name = $1`, [
      replacedNames[3],
    ])
    await expect(migrate({ ownerUrl })).rejects.toThrow(`${replacedNames[3]} was edited`)
    expect(await hasRecord()).toBe(false)
  })

  it('[RUN-3] is refused where a migration did not finish', async () => {
    await owner.query('UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = $1', [
      replacedNames.at(-1),
    ])
    await expect(migrate({ ownerUrl })).rejects.toThrow('prisma migrate resolve')
  })

  it('[RUN-3] is adopted after `prisma migrate deploy` has failed on it', async () => {
    await addToHistory(SQUASH.initial, schema.migrations[0]?.checksum ?? '')
    await owner.query('UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = $1', [
      SQUASH.initial,
    ])
    await expect(migrate({ ownerUrl })).rejects.toThrow('prisma migrate resolve')
    await owner.query('UPDATE _prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL')
    expect(await migrate({ ownerUrl })).toEqual(ADOPTED)
    expect({ history: await history(), record: await record() }).toEqual(fresh)
  })

  it('[RUN-3] is refused where it is of another build that came after', async () => {
    await addToHistory('20261129110000_of_another_build', 'other')
    await expect(migrate({ ownerUrl })).rejects.toThrow(
      '20261129110000_of_another_build, which this build lacks',
    )
    await goBackTo(last)
    await addToHistory(SQUASH.initial, schema.migrations[0]?.checksum ?? '')
    await expect(migrate({ ownerUrl })).rejects.toThrow(`${SQUASH.initial} beside those`)
    expect(await names()).toHaveLength(last + 1)
  })

  it('[RUN-3] is unchanged after a crash in the middle, and adopted by the next start', async () => {
    await migrate({ ownerUrl })
    const tables = await record()
    await owner.query('DELETE FROM _prisma_migrations')
    await owner.query(BEFORE_LATER_MIGRATIONS)
    for (const [name, checksum] of SQUASH.replaced) await addToHistory(name, checksum)
    await owner.query('DELETE FROM _fieldsync_functions')

    const holder = new pg.Client(ownerUrl)
    await holder.connect()
    onTestFinished(() => holder.end())
    await holder.query('BEGIN; LOCK TABLE _fieldsync_functions IN SHARE ROW EXCLUSIVE MODE')
    const running = migrate({ ownerUrl })
    const outcome = running.catch((error: unknown) => error)
    const waiting = () =>
      rows(`SELECT pid FROM pg_stat_activity WHERE datname = current_database()
        AND application_name = 'fieldsync-migrate' AND wait_event_type = 'Lock' AND wait_event = 'relation'`)
    await expect.poll(waiting).toHaveLength(1)
    await owner.query('SELECT pg_terminate_backend($1, 5000)', [(await waiting())[0]?.pid])
    expect(await outcome).toBeInstanceOf(Error)
    await holder.query('ROLLBACK')
    expect(await names()).toEqual(replacedNames)
    expect(await record()).toEqual([])

    expect(await migrate({ ownerUrl })).toEqual(ADOPTED)
    expect({ history: await history(), record: await record() }).toEqual({ ...fresh, record: tables })
  })

  it('[RUN-3] is adopted once when several servers start together', async () => {
    const results = await Promise.all(Array.from({ length: 5 }, () => migrate({ ownerUrl })))
    expect(results.flat()).toEqual(ADOPTED)
    expect({ history: await history(), record: await record() }).toEqual(fresh)
  })

  it('[RUN-3] is adopted by a later build, which then applies what is new in it', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'fieldsync-later-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    const later = {
      ...OWN_SCHEMA,
      migrations: path.join(directory, 'migrations'),
      functions: path.join(directory, 'functions'),
      build: OWN_SCHEMA.build + 1,
    }
    cpSync(OWN_SCHEMA.migrations, later.migrations, { recursive: true })
    cpSync(OWN_SCHEMA.functions, later.functions, { recursive: true })
    await mkdir(path.join(later.migrations, '99990101000000_later'))
    await writeFile(
      path.join(later.migrations, '99990101000000_later/migration.sql'),
      'CREATE TABLE later (id int)',
    )
    await appendFile(
      path.join(later.functions, '60_append_only.sql'),
      `CREATE OR REPLACE FUNCTION later() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM later';`,
    )
    const applied = await migrate({ ownerUrl, schema: later })
    expect(applied).toContain('99990101000000_later')
    expect(applied.indexOf('functions/60_append_only.sql')).toBeGreaterThan(
      applied.indexOf('99990101000000_later'),
    )
    expect(await rows('SELECT later()')).toEqual([{ later: '0' }])
    expect(await rows('SELECT DISTINCT build FROM _fieldsync_functions')).toEqual([{ build: later.build }])
    await owner.query('DROP FUNCTION later(); DROP TABLE later')
  })
})
