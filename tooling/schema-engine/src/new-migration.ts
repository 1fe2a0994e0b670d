import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { ensureRoles, migrate, MIGRATIONS_DIR, startEmbeddedPostgres } from '@fieldsync/db'

import { schemaDiff } from './schema-diff.ts'

/** Runs the existing migrations in a temporary cluster and compares the result with the schema. */
async function missingSql(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-migration-'))
  try {
    await using postgres = await startEmbeddedPostgres({ dataDir: path.join(folder, 'postgres'), fast: true })
    const { ownerUrl } = await ensureRoles(postgres.superuserUrl, {
      database: 'fieldsync',
      ownerPassword: randomUUID(),
      appPassword: randomUUID(),
    })
    await migrate({ ownerUrl })
    return await schemaDiff(ownerUrl)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function main(name: string | undefined): Promise<number> {
  if (name === undefined || !/^[a-z0-9_]+$/.test(name)) {
    console.error('usage: npm run migration -- <name>   (lower-case letters, digits and _)')
    return 2
  }
  const sql = await missingSql()
  if (sql === '') {
    console.log('the migrations already match prisma/schema.prisma; nothing written')
    return 0
  }
  const stamp = new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14)
  const folder = path.join(MIGRATIONS_DIR, `${stamp}_${name}`)
  await mkdir(folder)
  await writeFile(path.join(folder, 'migration.sql'), sql)
  console.log(
    `wrote ${path.relative(process.cwd(), path.join(folder, 'migration.sql'))}; read it, and add the new build as CONTRIBUTING.md says`,
  )
  return 0
}

process.exitCode = await main(process.argv[2])
