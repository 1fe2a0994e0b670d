import { connectionUrl, readCurrent } from '@fieldsync/db'
import { installedPostgres, installedStandby, silentLink } from '@fieldsync/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'

import { listObservations } from '../records/list.ts'
import { replicaReads, scoutedWorkspace, testReplicatedServices } from '../testing/replicated-services.ts'

const { both, services, news } = await testReplicatedServices()

const readsOf = (work: () => Promise<unknown>, of = services) => replicaReads(of, work)
const scouted = (count: number) => scoutedWorkspace(services, count)

describe('[REP-4] a replica', () => {
  it('[REP-5] that is killed in the middle of a walk through pages leaves neither a gap nor a doubled record, and is reported once', async () => {
    const { scout, ids } = await scouted(30)
    await both.catchUp()
    const pulled: string[] = []
    const listed: string[] = []
    let pullCursor = ''
    let listCursor: string | null | undefined
    const pullPage = async (): Promise<boolean> => {
      const { downstream, serverCursor } = await scout.pull(pullCursor, 7)
      pulled.push(...downstream.observations.map(({ observationId }) => observationId))
      pullCursor = serverCursor
      return downstream.hasMore
    }
    const listPage = async (): Promise<boolean> => {
      const input = { limit: 7, ...(listCursor && { cursor: listCursor }) }
      const { items, nextCursor } = await listObservations({ ctx: scout.ctx(), input })
      listed.push(...items.toJSON().map(({ observationId }) => observationId))
      listCursor = nextCursor
      return nextCursor !== null
    }
    expect(await readsOf(async () => void [await pullPage(), await listPage()])).toEqual({ replica: 2 })
    await both.replica.kill()
    const reads = await readsOf(async () => {
      while (await pullPage());
      while (await listPage());
    })
    expect(reads).toEqual({ failed: 1, unused: expect.any(Number) as number })
    expect(pulled).toEqual(ids)
    expect(listed).toEqual(ids.toReversed())
    await services.db.replicas?.ask()
    expect(news).toHaveLength(1)
    await both.replica.start()
    await both.catchUp()
    await services.db.replicas?.ask()
    expect(news).toEqual([expect.stringMatching(/^unused: /), 'used'])
    expect(await readsOf(() => scout.pull())).toEqual({ replica: 1 })
  })

  it('that falls silent keeps no read waiting for longer than the next question takes', async () => {
    const link = await silentLink(both.replica.port)
    onTestFinished(() => link[Symbol.asyncDispose]())
    const server = both.server({ readUrl: connectionUrl(both.readUrl, { port: link.port }) })
    await server.db.replicas?.ask()
    const { scout } = await scouted(1)
    await both.catchUp()
    const { workspaceId } = scout.actor
    const reading = Promise.withResolvers<void>()
    const sources: unknown[] = []
    const reads = await readsOf(async () => {
      const read = readCurrent(server.db, workspaceId, async (source) => {
        sources.push(source)
        reading.resolve()
        if (source !== server.db.pool) {
          link.silent = true
          link.silence()
        }
        return (await source.query<{ one: number }>('SELECT 1 AS one')).rows[0]?.one
      })
      await reading.promise
      await server.db.replicas?.ask()
      const later = server.db.replicas?.ask().then(() => 'still waiting')
      expect(await Promise.race([read, later])).toBe(1)
    }, server)
    expect(reads).toEqual({ failed: 1 })
    expect(sources).toEqual([expect.anything(), server.db.pool])
    expect(server.db.replicas?.servers[0]?.unusable?.message).toContain('(1000 ms)')
  })

  it('[REP-5] that cancels a statement because of a conflict with its recovery has it repeated by the primary, and stays in use', async () => {
    const { scout } = await scouted(1)
    await both.at(both.replica, `ALTER SYSTEM SET max_standby_streaming_delay = 0`)
    await both.at(both.replica, 'SELECT pg_reload_conf()')
    await both.at(
      both.primary,
      'CREATE TABLE conflicting AS SELECT 1 AS id; GRANT SELECT ON conflicting TO fieldsync_app',
    )
    await both.catchUp()
    const codes: unknown[] = []
    const reads = await readsOf(async () => {
      const read = readCurrent(services.db, scout.actor.workspaceId, async (source) => {
        try {
          const { rows } = await source.query(
            'SELECT id, pg_sleep(CASE WHEN pg_is_in_recovery() THEN 60 ELSE 0 END) FROM conflicting',
          )
          return rows.length
        } catch (error) {
          codes.push(Reflect.get(error as object, 'code'))
          throw error
        }
      })
      const running = () =>
        both.at(
          both.replica,
          `SELECT 1 FROM pg_stat_activity WHERE query LIKE '%conflicting%' AND wait_event = 'PgSleep'`,
        )
      await expect.poll(running).toHaveLength(1)
      await both.at(both.primary, 'DELETE FROM conflicting')
      await both.at(both.primary, 'VACUUM conflicting')
      expect(await read).toBe(0)
    })
    expect(codes).toEqual(['40001'])
    expect(reads).toEqual({ failed: 1 })
    expect(services.db.replicas?.current).toBeDefined()
    expect(news).toEqual([])
  })

  it.each([
    ['the primary itself', async () => both.primary, 'it is no standby: it accepts writes'],
    [
      'a server of another cluster',
      async () => {
        const other = await installedPostgres()
        onTestFinished(() => other[Symbol.asyncDispose]())
        return other
      },
      'belongs to another cluster',
    ],
  ])('that turns out to be %s is not used, and the next one of the URL is', async (_, start, reason) => {
    const wrong = await start()
    const two = both.readUrl
      .replace('//fieldsync_app:app@', '//postgres@')
      .replace(/127\.0\.0\.1:\d+\/\w+/, `127.0.0.1:${wrong.port},127.0.0.1:${both.replica.port}/postgres`)
    const server = both.server({ readUrl: two })
    // Knows its own cluster from the first connection on.
    await server.db.pool.query('SELECT')
    await server.db.replicas?.ask()
    await server.db.replicas?.ask()
    expect(server.db.replicas?.servers.map(({ unusable }) => unusable?.message)).toEqual([
      expect.stringContaining(reason),
      undefined,
    ])
    expect(server.db.replicas?.current?.name).toContain(String(both.replica.port))
  })

  it('that is promoted while it is in use is not used any more, on open connections neither', async () => {
    const standby = await installedStandby(both.primary)
    onTestFinished(() => standby[Symbol.asyncDispose]())
    const server = both.server({ readUrl: connectionUrl(both.readUrl, { port: standby.port }) })
    await expect
      .poll(async () => {
        await server.db.replicas?.ask()
        return server.db.replicas?.current
      })
      .toBeDefined()
    standby.promote()
    await server.db.replicas?.ask()
    expect(server.db.replicas?.servers[0]?.unusable?.message).toBe('it is no standby: it accepts writes')
  })

  it('of another history is not taken for one that has everything', async () => {
    const { scout } = await scouted(1)
    await both.catchUp()
    const { workspaceId } = scout.actor
    const [end] = await both.at(
      both.primary,
      `SELECT audit_seq::int AS seq, audit_hash AS hash FROM workspace_heads WHERE workspace_id = '${workspaceId}'`,
    )
    const { seq, hash } = end as { seq: number; hash: string }
    const read = (of: { seq: number; hash: string }) =>
      services.db.replicas?.read({ workspaceId, ...of }, () => Promise.resolve('read'))
    expect(await read({ seq, hash })).toEqual({ result: 'read' })
    expect(await read({ seq, hash: '0'.repeat(64) })).toBeUndefined()
    expect(await read({ seq: seq + 1, hash })).toBeUndefined()
  })
})
