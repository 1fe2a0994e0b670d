import pg from 'pg'

import type { Primary } from './primary.ts'

type Connected = ((error: Error) => void) | ((error: null, client: pg.Client) => void)

/**
 * The class of clients that connect to the primary, wherever it is then (HA-1); what the given configuration says of a server
 * counts only where the URL has a single one.
 */
export function primaryClient(primary: Primary): typeof pg.Client {
  return class PrimaryClient extends pg.Client {
    override connect(): Promise<pg.Client>
    override connect(callback: Connected): void
    override connect(callback?: Connected): Promise<pg.Client> | undefined {
      const connected = this.#connect()
      if (!callback) return connected
      const report = callback as (error: Error | null, client?: pg.Client) => void
      connected.then(
        (client) => report(null, client),
        (error: Error) => report(error),
      )
      return undefined
    }

    async #connect(): Promise<pg.Client> {
      // An error has listeners of its own: here it only means that the primary may be elsewhere.
      this.on('error', () => primary.doubt())
      const { host, port } = await primary.locate()
      // Its user has stopped waiting in the meantime.
      if (this.connection.stream.destroyed) throw new Error('timeout expired')
      if (primary.servers.length > 1) Object.assign(this, { host, port })
      try {
        return await super.connect()
      } catch (error) {
        primary.doubt()
        throw error
      }
    }
  }
}
