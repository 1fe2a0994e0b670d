import { expect, it } from 'vitest'

import { MIGRATIONS_DIR, readMigrations } from './migration-files.ts'

/** The last one from before this was checked; what of these takes long is carried out in parts (in-parts.ts). */
const LAST_UNCHECKED = '20261201131000_patch_attempts_by_workspace'

/** Have a row for each workspace, playbook or key of a server: a statement that reads all of them is short. */
const SMALL: ReadonlySet<string> = new Set([
  'workspaces',
  'workspace_heads',
  'workspace_settings',
  'playbooks',
  'signing_keys',
])

/** What holds a lock for as long as it takes to read a table: `$1` is the table. */
const UNDER_A_LOCK: readonly (readonly [statement: RegExp, what: string])[] = [
  [/^UPDATE (?:ONLY )?(\w+)/i, 'changes rows of'],
  [/^DELETE FROM (?:ONLY )?(\w+)/i, 'changes rows of'],
  [/^CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY).*? ?ON (?:ONLY )?(\w+)/i, 'makes an index of'],
  [
    /^ALTER TABLE (?:ONLY )?(\w+) ADD (?:CONSTRAINT \w+ )?(?:CHECK|FOREIGN KEY)(?!.*NOT VALID)/i,
    'checks all of',
  ],
  [
    /^ALTER TABLE (?:ONLY )?(\w+) ADD (?:CONSTRAINT \w+ )?(?:PRIMARY KEY|UNIQUE)(?! USING INDEX)/i,
    'makes an index of',
  ],
  [/^ALTER TABLE (?:ONLY )?(\w+) ADD COLUMN .* DEFAULT [^,]*\(/i, 'rewrites'],
  [/^ALTER TABLE (?:ONLY )?(\w+) ADD COLUMN .* (?:GENERATED|\w*SERIAL)\b/i, 'rewrites'],
  [/^ALTER TABLE (?:ONLY )?(\w+) ALTER COLUMN \w+ (?:SET DATA )?TYPE/i, 'rewrites'],
  [/^ALTER TABLE (?:ONLY )?(\w+) ALTER COLUMN \w+ SET NOT NULL/i, 'checks all of'],
]

/** The statements of a migration without comments, texts and quotes; each action of an `ALTER TABLE` as one of its own. */
function statementsOf(sql: string): string[] {
  const plain = sql
    .replaceAll(/--.*$/gm, '')
    .replaceAll(/'[^']*'/g, "''")
    .replaceAll('"', '')
  return plain
    .split(';')
    .map((statement) => statement.replaceAll(/\s+/g, ' ').trim())
    .filter((statement) => statement !== '')
    .flatMap((statement) => {
      const [, table, actions] = /^(ALTER TABLE (?:ONLY )?\w+) (.*)$/i.exec(statement) ?? []
      if (table === undefined || actions === undefined) return [statement]
      return actions.split(/, (?=(?:ADD|DROP|ALTER|VALIDATE) )/i).map((action) => `${table} ${action}`)
    })
}

/** What in a migration reads or rewrites a large table that exists already, while it locks it. */
function locksOf(sql: string): string[] {
  const statements = statementsOf(sql)
  const created = new Set(statements.map((each) => /^CREATE TABLE (?:IF NOT EXISTS )?(\w+)/i.exec(each)?.[1]))
  const found = UNDER_A_LOCK.flatMap(([pattern, what]) =>
    statements.flatMap((statement) => {
      const table = pattern.exec(statement)?.[1]
      return table === undefined || SMALL.has(table) || created.has(table) ? [] : [`${what} ${table}`]
    }),
  )
  const validates = statements.filter((each) => /^ALTER TABLE .* VALIDATE CONSTRAINT/i.test(each))
  return validates.length > 0 && statements.length > validates.length
    ? [...found, 'validates in the transaction of another statement']
    : found
}

it('[RUN-3] no migration reads or rewrites a large table under a lock', async () => {
  const migrations = await readMigrations(MIGRATIONS_DIR)
  const checked = migrations.filter(({ name }) => name > LAST_UNCHECKED)
  expect(checked.flatMap(({ name, sql }) => locksOf(sql).map((lock) => `${name} ${lock}`))).toEqual([])
  const locking = migrations.filter(({ sql }) => locksOf(sql).includes('changes rows of recommendations'))
  expect(locking.map(({ name }) => name)).toEqual(['20261201050500_recommendation_windows'])
})

it.each([
  ['UPDATE "devices" d SET "role" = \'scout\'', 'changes rows of devices'],
  ['DELETE FROM sync_events WHERE true', 'changes rows of sync_events'],
  ['CREATE INDEX "a" ON "devices"("role")', 'makes an index of devices'],
  ['CREATE UNIQUE INDEX "a" ON "devices"("role")', 'makes an index of devices'],
  ['ALTER TABLE "devices" ADD CONSTRAINT "c" CHECK ("role" <> \'\')', 'checks all of devices'],
  ['ALTER TABLE "devices" ADD CONSTRAINT "c" FOREIGN KEY ("a") REFERENCES "b"("c")', 'checks all of devices'],
  [
    'ALTER TABLE "devices" DROP CONSTRAINT "c",\nADD CONSTRAINT "c" PRIMARY KEY ("a")',
    'makes an index of devices',
  ],
  ['ALTER TABLE "devices" ADD COLUMN "a" TEXT NOT NULL DEFAULT gen_random_uuid()', 'rewrites devices'],
  ['ALTER TABLE "devices" ADD COLUMN "a" BIGSERIAL NOT NULL', 'rewrites devices'],
  ['ALTER TABLE "devices" ALTER COLUMN "epoch" SET DATA TYPE BIGINT', 'rewrites devices'],
  ['ALTER TABLE "devices" ALTER COLUMN "role" SET NOT NULL', 'checks all of devices'],
  [
    'ALTER TABLE a ADD COLUMN b TEXT; ALTER TABLE a VALIDATE CONSTRAINT c',
    'validates in the transaction of another statement',
  ],
])('[RUN-3] a migration is found that holds a lock for long: %s', (sql, lock) => {
  expect(locksOf(`-- A comment; with a semicolon.\n${sql};`)).toEqual([lock])
})

it.each([
  'ALTER TABLE "devices" ADD COLUMN "a" TEXT,\nADD COLUMN "b" BOOLEAN NOT NULL DEFAULT false',
  'ALTER TABLE "devices" ADD CONSTRAINT "c" CHECK ("role" <> \'\') NOT VALID',
  'ALTER TABLE "devices" VALIDATE CONSTRAINT "c"',
  'CREATE INDEX CONCURRENTLY IF NOT EXISTS "a" ON "devices"("role")',
  'ALTER TABLE "devices" ADD CONSTRAINT "c" UNIQUE USING INDEX "a"',
  'CREATE TABLE "a" ("b" TEXT NOT NULL DEFAULT gen_random_uuid()); CREATE INDEX "i" ON "a"("b"); ALTER TABLE "a" ADD CHECK ("b" <> \'\')',
  'UPDATE "workspaces" SET "name" = \'\'',
])('[RUN-3] a migration is not found that holds none for long: %s', (sql) => {
  expect(locksOf(sql)).toEqual([])
})
