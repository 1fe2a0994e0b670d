import type { SqlDriver } from '../sql/sql-connection.ts'

/**
 * A driver whose process kills itself before a given statement (from 1, counted over all connections), as by a
 * kill -9 at exactly that moment.
 */
export function dyingDriver(driver: SqlDriver, atStatement: number): SqlDriver {
  let statement = 0
  return {
    ...driver,
    connect: async (database) => {
      const connection = await driver.connect(database)
      return {
        close: () => connection.close(),
        all: (sql, parameters) => {
          statement += 1
          if (statement === atStatement) process.kill(process.pid, 'SIGKILL')
          return connection.all(sql, parameters)
        },
      }
    },
  }
}
