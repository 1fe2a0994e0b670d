import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

import { migrate, MIGRATIONS_DIR, SQUASH } from '@fieldsync/db'
import { testDatabase } from '@fieldsync/testkit'
import pg from 'pg'
import { expect, it } from 'vitest'

import { FILTERS, withEngine } from './schema-diff.ts'

const { ownerUrl } = await testDatabase()

/** What `prisma migrate deploy` queries before it applies anything. */
const diagnosed = async () => {
  const names = (await readdir(MIGRATIONS_DIR)).filter((name) => /^\d/.test(name)).sort()
  const migrationDirectories = await Promise.all(
    names.map(async (name) => {
      const value = await readFile(path.join(MIGRATIONS_DIR, name, 'migration.sql'), 'utf8')
      return { path: name, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value } as const } }
    }),
  )
  const lockfile = await readFile(path.join(MIGRATIONS_DIR, 'migration_lock.toml'), 'utf8')
  return withEngine(ownerUrl, (engine) =>
    engine.diagnoseMigrationHistory({
      migrationsList: {
        baseDir: MIGRATIONS_DIR,
        lockfile: { path: 'migration_lock.toml', content: lockfile },
        shadowDbInitScript: '',
        migrationDirectories,
      },
      optInToShadowDatabase: false,
      filters: FILTERS,
    }),
  )
}

const SAME = {
  editedMigrationNames: [],
  failedMigrationNames: [],
  hasMigrationsTable: true,
  history: null,
}

const rewriteHistory = async (migrations: readonly (readonly [name: string, checksum: string])[]) => {
  const owner = new pg.Client(ownerUrl)
  await owner.connect()
  await owner.query('DELETE FROM _prisma_migrations')
  // What the migrations after the squash have added is not there: a new one adds its reverse.
  await owner.query(`ALTER TABLE device_tokens DROP COLUMN replaces_others, DROP COLUMN pepper_id;
    ALTER TABLE devices DROP COLUMN token_epoch, DROP COLUMN wipe_requested_at, DROP COLUMN wipe_acknowledged_at,
      DROP COLUMN wipe_unsent_deleted, DROP COLUMN service_scope, DROP COLUMN person_id, DROP COLUMN role_provider;
    ALTER TABLE playbook_versions DROP COLUMN kind, DROP COLUMN made_by, DROP COLUMN reason, DROP COLUMN proposal;
    ALTER TABLE device_states DROP COLUMN contact_day;
    ALTER TABLE recommendations DROP COLUMN playbook_id, DROP COLUMN window_ends_micros;
    DROP TABLE playbook_proposals, device_keys, enrollments, signing_keys, workspace_settings, service_grants,
      playbook_grants, audit_terms, audit_index_heads, security_events, audit_beginnings, audit_personal_values, erasures, invitations,
      password_resets, person_used_codes, person_two_factors, person_verifications, person_accounts, person_sessions,
      people, rate_limits, weather_cells;
    ALTER TABLE weather_features DROP COLUMN cell_lat, DROP COLUMN cell_lon, DROP COLUMN profile_at`)
  for (const [name, checksum] of migrations) {
    await owner.query(
      `INSERT INTO _prisma_migrations (id, migration_name, checksum, finished_at, applied_steps_count)
       VALUES (gen_random_uuid(), $1, $2, now(), 1)`,
      [name, checksum],
    )
  }
  await owner.end()
}

it('[RUN-3] Prisma reads the history as the one of prisma/migrations', async () => {
  expect(await diagnosed()).toEqual(SAME)
})

it('[RUN-3] Prisma reads it so also where the database is from before the squash', async () => {
  await rewriteHistory(SQUASH.replaced)
  expect((await diagnosed()).history).toMatchObject({ diagnostic: 'historiesDiverge' })
  await migrate({ ownerUrl })
  expect(await diagnosed()).toEqual(SAME)
})
