import { type Farm, fleet } from './clients.ts'
import type { BenchDatabase } from './cluster.ts'
import {
  type AnswerUse,
  type Compressed,
  compressedAnswers,
  databaseUse,
  type DatabaseUse,
  largestTables,
  rewrite,
  storedAnswers,
  type TableUse,
} from './database-use.ts'
import { DayPhones, type Made } from './day-phones.ts'
import { DAY, type Due, planDay } from './day-plan.ts'
import { sleep } from './statistics.ts'
import { headCursors, settle, storeNotes, withClient } from './stored-rows.ts'
import type { Target } from './target.ts'

const MINUTES = Number(process.env['BENCH_MINUTES'] ?? 20)
export const FARMS = Number(process.env['BENCH_FARMS'] ?? 2000)
/** Notes of the weeks before, in all. */
const STORED = 500_000
const AT_ONCE = 128
const HOURS = 24
const TABLES = 10

export type Hour = {
  readonly hour: number
  readonly calls: readonly Made[]
  /** How late the last call of the hour was made: the load generator and the server did not keep up. */
  readonly lateMs: number
  /** Share of a core. */
  readonly server: number
  readonly database: number
  readonly memory: number
  readonly use: DatabaseUse
}

export type DayFigures = {
  readonly minutes: number
  readonly farms: number
  readonly before: DatabaseUse
  readonly hours: readonly Hour[]
  readonly tables: readonly TableUse[]
  /** The same once they were rewritten. */
  readonly rewritten: readonly TableUse[]
  readonly answers: readonly AnswerUse[]
  readonly compressed: Compressed
}

/** A day of many farms, faster than it passes. */
export async function measureDay(
  target: Target,
  database: BenchDatabase,
  databaseCpu: () => number,
  say: (text: string) => void,
): Promise<DayFigures> {
  const farms = fleet('2,000 farms').slice(0, FARMS)
  const workspaceIds = farms.map(({ workspaceId }) => workspaceId)
  await storeNotes(database, workspaceIds, STORED, say)
  const phones = new DayPhones(target, startsAt(farms, await headCursors(database)))
  const plan = planDay(farms)
  say(`${plan.length.toLocaleString('en')} things to do by ${FARMS * 3} phones in ${MINUTES} minutes`)
  return await withClient(database.ownerUrl, async (client) => {
    const before = await databaseUse(client)
    const hours: Hour[] = []
    const made: Made[] = []
    const perSecond = DAY / (MINUTES * 60)
    const began = performance.now()
    const dueMs = ({ at }: Pick<Due, 'at'>): number => began + (at / perSecond) * 1000
    const underWay = new Set<Promise<void>>()
    let next = 0
    for (let hour = 0; hour < HOURS; hour++) {
      const [server, ofDatabase, hourBegan] = [target.cpuSeconds(), databaseCpu(), performance.now()]
      let lateMs = 0
      for (let due = plan[next]; due && due.at < (hour + 1) * 3600; due = plan[++next]) {
        const wait = dueMs(due) - performance.now()
        if (wait > 0) await sleep(wait)
        while (underWay.size >= AT_ONCE) await Promise.race(underWay)
        lateMs = Math.max(0, performance.now() - dueMs(due))
        const call = phones
          .carryOut(due.client, due, (each) => void made.push(each))
          .finally(() => underWay.delete(call))
        underWay.add(call)
      }
      await sleep(Math.max(0, dueMs({ at: (hour + 1) * 3600 }) - performance.now()))
      const seconds = (performance.now() - hourBegan) / 1000
      hours.push({
        hour,
        calls: made.splice(0),
        lateMs,
        server: (target.cpuSeconds() - server) / seconds,
        database: (databaseCpu() - ofDatabase) / seconds,
        memory: target.memory(),
        use: await databaseUse(client),
      })
      say(hourLine(hours.at(-1)))
    }
    await Promise.all(underWay)
    await target.stop()
    const tables = await largestTables(client, TABLES)
    const answers = await storedAnswers(client)
    const compressed = await compressedAnswers(client)
    say('rewriting the largest tables, to see their bloat')
    const rewritten = await rewrite(client, tables)
    await settle(database)
    return { minutes: MINUTES, farms: FARMS, before, hours, tables, rewritten, answers, compressed }
  })
}

const hourLine = (hour: Hour | undefined): string =>
  hour === undefined
    ? ''
    : `${hour.hour}:00  ${hour.calls.length} calls, ${hour.calls.filter(({ error }) => error).length} errors, late ${hour.lateMs.toFixed(0)} ms` +
      (hour.calls.find(({ error }) => error)?.error ?? '')

/** At the head of its workspace, as in the evening before. */
function startsAt(farms: readonly Farm[], cursors: ReadonlyMap<string, string>): (client: number) => string {
  const byClient = new Map(
    farms.flatMap(({ workspaceId, clients }) => clients.map((client) => [client, workspaceId])),
  )
  return (client) => cursors.get(byClient.get(client) ?? '') ?? ''
}
