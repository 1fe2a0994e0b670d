// PouchDB's own server over LevelDB. Copied next to what it imports.
import express from 'express'
import expressPouchDB from 'express-pouchdb'
import PouchDB from 'pouchdb'

const Stored = PouchDB.defaults({ prefix: `${process.env.PEER_DATA}/` })
const app = express()
app.use('/', expressPouchDB(Stored, { mode: 'minimumForPouchDB', inMemoryConfig: true }))
await new Stored('bench').info()
app.listen(Number(process.env.PORT), '127.0.0.1')
process.on('SIGTERM', () => process.exit(0))
