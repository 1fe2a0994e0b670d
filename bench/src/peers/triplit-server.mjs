import { LmdbKVStore } from '@triplit/db/storage/lmdb'
// Triplit's own server with its durable store. Copied next to what it imports.
import { createServer } from '@triplit/server'
import { open } from 'lmdb'

// It prints every body that it is sent, which would be measured, too.
console.log = () => {}
const start = await createServer({
  storage: () => new LmdbKVStore(open(process.env.PEER_DATA, {})),
  projectId: 'bench',
  jwtSecret: process.env.PEER_SECRET,
  verboseLogs: false,
  maxPayloadMb: 100,
  logHandler: { log() {} },
})
start(Number(process.env.PORT))
process.on('SIGTERM', () => process.exit(0))
