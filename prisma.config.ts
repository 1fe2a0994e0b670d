import process from 'node:process'

import { defineConfig } from 'prisma/config'

// Generating, validating and formatting never run the schema engine, yet the command line tool would download it
// first. Any existing file satisfies that look-up. Migrations are written and applied by our own tools instead.
process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= process.execPath
process.env['CHECKPOINT_DISABLE'] ??= '1'

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
})
