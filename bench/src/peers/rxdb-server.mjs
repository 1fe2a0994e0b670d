// RxDB's own server over its store in memory. Copied next to what it imports.
import express from 'express'
import { RxServerAdapterExpress } from 'rxdb-server/plugins/adapter-express'
import { createRxServer } from 'rxdb-server/plugins/server'
import { createRxDatabase } from 'rxdb/plugins/core'
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory'

const database = await createRxDatabase({ name: 'bench', storage: getRxStorageMemory() })
const { observations } = await database.addCollections({
  observations: {
    schema: {
      version: 0,
      primaryKey: 'id',
      type: 'object',
      properties: {
        id: { type: 'string', maxLength: 100 },
        document: { type: 'object', additionalProperties: true },
      },
      required: ['id', 'document'],
    },
  },
})
const server = await createRxServer({
  database,
  // Its own takes bodies of 100 kB at most.
  adapter: { ...RxServerAdapterExpress, create: async () => express().use(express.json({ limit: '100mb' })) },
  hostname: '127.0.0.1',
  port: Number(process.env.PORT),
})
server.addReplicationEndpoint({ name: 'bench', collection: observations })
await server.start()
process.on('SIGTERM', () => process.exit(0))
