import { createHash } from 'node:crypto'

import { expect, it } from 'vitest'

import { SCHEMA_BUILD, SCHEMA_HISTORY } from './schema-build.ts'
import { OWN_SCHEMA, readSchema } from './schema-source.ts'
import { SQUASH } from './squashed-migrations.ts'

const HOW_TO_PIN = `prisma/migrations or prisma/functions changed. Add their hash as a new last line of SCHEMA_HISTORY in \
packages/db/src/migrate/schema-build.ts, so that servers of earlier builds leave the new functions in place`

const { migrations, functions } = await readSchema(OWN_SCHEMA)

/** One hash over the files of a build, by name and checksum. */
function hashOf(files: readonly (readonly [name: string, checksum: string])[]): string {
  const listed = files.map(([name, checksum]) => `${checksum}  ${name}\n`).join('')
  return createHash('sha256').update(listed).digest('hex')
}

it('[RUN-3] a change of the SQL is a new build', () => {
  const files = [...migrations, ...functions.files]
  const hash = hashOf(files.map(({ name, checksum }) => [name, checksum]))
  expect(SCHEMA_HISTORY.at(-1), HOW_TO_PIN).toBe(hash)
  expect(functions.build).toBe(SCHEMA_HISTORY.length)
})

it('[RUN-3] no two builds have the same SQL', () => {
  expect(new Set(SCHEMA_HISTORY).size).toBe(SCHEMA_BUILD)
})

it('[RUN-3] a database from before the squash has the functions of the build that it counts as', () => {
  const initial = migrations.filter((file) => file.name === SQUASH.initial)
  const files = [...initial.map(({ name, checksum }) => [name, checksum] as const), ...SQUASH.functions]
  expect(hashOf(files)).toBe(SCHEMA_HISTORY[SQUASH.build - 1])
})
