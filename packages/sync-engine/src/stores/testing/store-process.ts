// What a second process does with a store's file, for the tests: node store-process.ts <file> <task> [argument]
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'

import { nodeSqliteDriver, openNodeSqliteStore } from '../node-sqlite/node-sqlite-store.ts'
import { STORE_SCHEMA } from '../schema.ts'
import { openSqlStore } from '../sql/sql-store.ts'
import { dyingDriver } from './dying-driver.ts'
import { noteWrite } from './note-writes.ts'
import { add, gate } from './store-values.ts'

const [file = '', task = '', argument = '0'] = process.argv.slice(2)
const input = createInterface({ input: process.stdin })

// At once and whole, so that what was said before a kill has been said.
const say = (line: string): void => void writeSync(1, `${line}\n`)
const word = async (): Promise<void> => void (await once(input, 'line'))

const tasks: Readonly<Record<string, () => Promise<void>>> = {
  /** Adds to a counter so many times. */
  count: async () => {
    const store = await openNodeSqliteStore({ file })
    say('ready')
    await word()
    for (let turn = 0; turn < Number(argument); turn += 1) {
      await store.write((transaction) => add(transaction, 'counter', 1))
    }
    say('done')
    await store.close()
  },
  /** Takes the lock and keeps it until told, or killed. */
  hold: async () => {
    const store = await openNodeSqliteStore({ file })
    const result = await store.exclusively(async () => {
      say('holding')
      await word()
    })
    say(`ran ${result.ran}`)
    await store.close()
  },
  /** Begins a writing transaction and keeps it open, until killed. */
  stall: async () => {
    const connection = await nodeSqliteDriver(file).connect('store')
    await connection.all('BEGIN IMMEDIATE')
    say('stalling')
    await gate().opened
  },
  /** Notes writes and says each that was acknowledged; dies at the given step between two SQL statements. */
  die: async () => {
    const store = await openSqlStore(dyingDriver(nodeSqliteDriver(file), Number(argument)), STORE_SCHEMA)
    for (let turn = 1; turn <= 2; turn += 1) {
      await noteWrite(store, turn)
      say(`acknowledged ${turn}`)
    }
    await store.close()
    say('survived')
  },
  /** Erases the store but for one value; dies at the given step between two SQL statements. */
  erase: async () => {
    const store = await openSqlStore(dyingDriver(nodeSqliteDriver(file), Number(argument)), STORE_SCHEMA)
    await store.erase([['kept', 1]])
    say('erased')
    await store.close()
    say('survived')
  },
  /** Notes writes without end and says each that was acknowledged. */
  write: async () => {
    const store = await openNodeSqliteStore({ file })
    for (let turn = Number(argument) + 1; ; turn += 1) {
      await noteWrite(store, turn)
      say(`acknowledged ${turn}`)
    }
  },
}

const run = tasks[task]
if (run === undefined) throw new Error(`there is no task ${task}`)
await run()
input.close()
