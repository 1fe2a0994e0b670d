import { connectionUrl, OWNER_ROLE, restrictConnections } from '@fieldsync/db'
import {
  acceptedBody,
  type Caller,
  device,
  observation,
  type ObservationInput,
  postBatch,
  pullPage,
  pullPages,
  refusal,
  syncBatch,
} from '@fieldsync/testkit'
import pg from 'pg'
import { afterAll, expect, it } from 'vitest'

import { sharedSystem } from './testing/shared-system.ts'
import { tableContents } from './testing/table-contents.ts'

const system = await sharedSystem(1)
const { database } = system
const COPY = `${database.name}_copy`
const control = new pg.Client(connectionUrl(database.superuserUrl, { database: 'postgres' }))
await control.connect()
afterAll(async () => {
  await control.query(`DROP DATABASE IF EXISTS ${COPY} WITH (FORCE)`)
  await control.end()
})

/** A copy of the database at this moment, which must have no connections. */
async function takeBackup(): Promise<void> {
  await control.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
    database.name,
  ])
  await control.query(
    `CREATE DATABASE ${COPY} TEMPLATE ${database.name} OWNER ${OWNER_ROLE} STRATEGY FILE_COPY`,
  )
  await restrictConnections(control, COPY)
}

const onCopy = (url: string) => connectionUrl(url, { database: COPY })

async function send(caller: Caller, observations: ObservationInput[], lastKnownServerCursor = '') {
  const self = device({ deviceId: caller.deviceId })
  return postBatch(caller, syncBatch({ device: self, observations, lastKnownServerCursor }))
}

async function storedIds(caller: Caller): Promise<string[]> {
  const pages = await pullPages(caller)
  return pages.flatMap(({ downstream }) => downstream.observations.map(({ observationId }) => observationId))
}

const idsOf = (records: readonly ObservationInput[]) => records.map(({ observationId }) => observationId)
const some = (count: number) => Array.from({ length: count }, () => observation())

it('[CUR-6] [IDM-8] a restored backup refuses the cursors of the lost branch, also once it has grown past them', async () => {
  const workspaceId = await system.workspace()
  const scout = await system.device(workspaceId, 'dev_scout_1', 'scout')
  const before = some(3)
  const cursorBefore = acceptedBody(await send(scout, before)).serverCursor
  const pageBefore = await pullPage(scout, '', 1)
  expect((await system.servers[0].kill('SIGTERM')).code).toBe(0)
  await takeBackup()

  // The server continues, and is lost with what it accepts from then on.
  const lost = some(4)
  const lostCursors: string[] = []
  {
    await using server = await system.start()
    const caller = { ...scout, url: server.url }
    for (const record of lost) lostCursors.push(acceptedBody(await send(caller, [record])).serverCursor)
    // Also one in the middle of a commit.
    const pair = some(2)
    await send(caller, pair)
    lost.push(...pair)
    lostCursors.push((await pullPage(caller, lostCursors.at(-1), 1)).serverCursor)
    // And one that points at what the backup has: the page before it omitted what has moved on since.
    const page = await pullPage(caller, '', 1)
    expect(page.downstream).toMatchObject({ observations: pageBefore.downstream.observations, hasMore: true })
    lostCursors.push(page.serverCursor)
  }

  await using restored = await system.start({
    DATABASE_URL: onCopy(database.appUrl),
    MIGRATION_DATABASE_URL: onCopy(database.ownerUrl),
  })
  const caller = { ...scout, url: restored.url }
  const copy = new pg.Pool({ connectionString: onCopy(database.superuserUrl), max: 1 })
  await using stack = new AsyncDisposableStack()
  stack.defer(() => copy.end())
  const stored = () => tableContents({ pool: copy }, { workspaceId, except: ['device_states'] })
  const expectLostRefused = async () => {
    const original = await stored()
    for (const cursor of lostCursors) {
      for (const records of [[], some(1)]) {
        const answer = await send(caller, records, cursor)
        expect(answer.status).toBe(409)
        expect(refusal(answer)).toMatchObject({ code: 'CURSOR_INVALID', retryable: false })
      }
    }
    expect(await stored()).toEqual(original)
  }
  await expectLostRefused()
  expect((await pullPage(caller, cursorBefore)).downstream).toMatchObject({
    observations: [],
    hasMore: false,
  })
  expect((await pullPage(caller, pageBefore.serverCursor)).downstream.observations).toHaveLength(2)

  // Grown past every lost position, by commits of other sizes.
  const grown = [some(3), some(1), some(5)]
  for (const records of grown) acceptedBody(await send(caller, records, cursorBefore))
  await expectLostRefused()
  expect((await pullPage(caller, cursorBefore)).downstream.observations).toHaveLength(9)

  // The client starts again from the beginning and resends what is missing there, and what exists as well.
  expect(new Set(await storedIds(caller))).toEqual(new Set(idsOf([...before, ...grown.flat()])))
  const resent = acceptedBody(await send(caller, [...before, ...lost]))
  expect(resent).toMatchObject({ acceptedCounts: { observations: 9 }, conflicts: [] })
  const all = await storedIds(caller)
  expect(all.toSorted()).toEqual(idsOf([...before, ...lost, ...grown.flat()]).toSorted())
  expect(acceptedBody(await send(caller, some(1), resent.serverCursor)).downstream.observations).toEqual([])
})
