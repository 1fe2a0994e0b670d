import type { StoreTable } from '../../core/local-store.ts'
import type { KeyRange } from '../transaction/key-range.ts'
import { laterTurnByTimer, type TextTransaction } from '../transaction/text-transaction.ts'
import type { SqlConnection, SqlRow } from './sql-connection.ts'
import {
  type Block,
  BLOCKS,
  countRange,
  deleteAll,
  deleteMany,
  selectMany,
  selectRange,
  upsertBlock,
} from './sql-statements.ts'

const NO_LIMIT = -1

/** The calls on a connection whose transaction was begun; who began it also ends it. */
export class SqlTransaction implements TextTransaction {
  readonly #connection: SqlConnection
  #changed = false

  constructor(connection: SqlConnection) {
    this.#connection = connection
  }

  get changed(): boolean {
    return this.#changed
  }

  async getMany(table: StoreTable, keys: readonly string[]): Promise<(string | undefined)[]> {
    const found = new Array<string | undefined>(keys.length).fill(undefined)
    for (const row of await this.#connection.all(selectMany(table), [JSON.stringify(keys)])) {
      found[Number(row['place'])] = text(row, 'value')
    }
    return found
  }

  async list(table: StoreTable, { lower, upper, reverse, limit }: KeyRange): Promise<[string, string][]> {
    const rows = await this.#connection.all(selectRange(table, reverse), [lower, upper, limit ?? NO_LIMIT])
    return rows.map((row) => [text(row, 'key'), text(row, 'value')])
  }

  async count(table: StoreTable, { lower, upper }: KeyRange): Promise<number> {
    const [row] = await this.#connection.all(countRange(table), [lower, upper])
    return Number(row?.['found'])
  }

  async putMany(
    table: StoreTable,
    entries: readonly (readonly [key: string, text: string])[],
  ): Promise<void> {
    this.#changed = true
    for (let next = 0; next < entries.length;) {
      const block = fitting(entries.length - next)
      await this.#connection.all(upsertBlock(table, block), entries.slice(next, next + block).flat())
      next += block
    }
  }

  async delete(table: StoreTable, keys: readonly string[]): Promise<void> {
    this.#changed = true
    await this.#connection.all(deleteMany(table), [JSON.stringify(keys)])
  }

  async clear(table: StoreTable): Promise<void> {
    this.#changed = true
    await this.#connection.all(deleteAll(table))
  }

  laterTurn(callback: () => void): () => void {
    return laterTurnByTimer(callback)
  }
}

function text(row: SqlRow, column: string): string {
  const value = row[column]
  if (typeof value !== 'string') throw new TypeError(`column ${column} holds ${typeof value}, not text`)
  return value
}

const fitting = (rows: number): Block => BLOCKS.find((block) => block <= rows) ?? 1
