import {
  type ColumnType,
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQuery,
} from '@prisma/driver-adapter-utils'
import pg from 'pg'

// The types that occur in PostgreSQL's system catalogs and in Prisma's history of migrations, by object id.
const COLUMN_TYPES: Readonly<Record<number, ColumnType>> = {
  16: ColumnTypeEnum.Boolean,
  18: ColumnTypeEnum.Character,
  19: ColumnTypeEnum.Text,
  20: ColumnTypeEnum.Int64,
  21: ColumnTypeEnum.Int32,
  23: ColumnTypeEnum.Int32,
  25: ColumnTypeEnum.Text,
  26: ColumnTypeEnum.Int64,
  1000: ColumnTypeEnum.BooleanArray,
  1002: ColumnTypeEnum.CharacterArray,
  1003: ColumnTypeEnum.TextArray,
  1005: ColumnTypeEnum.Int32Array,
  1007: ColumnTypeEnum.Int32Array,
  1009: ColumnTypeEnum.TextArray,
  1042: ColumnTypeEnum.Text,
  1043: ColumnTypeEnum.Text,
  1184: ColumnTypeEnum.DateTime,
}

/**
 * Lets Prisma's schema engine read the catalogs of one database, and nothing more: it cannot write, open a transaction
 * or create its shadow databases. (Prisma's own adapter does not know the type `"char"`.)
 */
export class CatalogAdapterFactory implements SqlMigrationAwareDriverAdapterFactory, AsyncDisposable {
  readonly provider = 'postgres'
  readonly adapterName = 'fieldsync-catalog'
  readonly #url: string
  readonly #clients: pg.Client[] = []

  constructor(url: string) {
    this.#url = url
  }

  async connect(): Promise<SqlDriverAdapter> {
    const client = new pg.Client(this.#url)
    this.#clients.push(client)
    await client.connect()
    return {
      provider: this.provider,
      adapterName: this.adapterName,
      queryRaw: (query) => read(client, query),
      executeRaw: () => refuse('executeRaw'),
      executeScript: () => refuse('executeScript'),
      startTransaction: () => refuse('startTransaction'),
      getConnectionInfo: () => ({ schemaName: 'public', supportsRelationJoins: true }),
      dispose: () => client.end(),
    }
  }

  /** Ends the connections; the engine does not dispose of what it opened. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.end()))
  }

  connectToShadowDb(): Promise<SqlDriverAdapter> {
    return refuse('connectToShadowDb')
  }
}

async function read(client: pg.Client, query: SqlQuery) {
  const { fields, rows } = await client.query<unknown[]>({
    text: query.sql,
    values: query.args,
    rowMode: 'array',
  })
  return {
    columnNames: fields.map((field) => field.name),
    columnTypes: fields.map((field) => {
      const type = COLUMN_TYPES[field.dataTypeID]
      if (type === undefined)
        throw new Error(`column ${field.name} has the unmapped type ${field.dataTypeID}`)
      return type
    }),
    rows: rows.map((row) => row.map((value) => (value instanceof Date ? value.toISOString() : value))),
  }
}

function refuse(call: string): Promise<never> {
  return Promise.reject(new Error(`the schema engine may only read, but called ${call}`))
}
