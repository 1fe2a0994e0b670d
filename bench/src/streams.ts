import { observation, seededRandom, ulidAt } from '@fieldsync/testkit'

import { clientAt, type Farm, fleet, phonesOf } from './clients.ts'
import type { BenchDatabase } from './cluster.ts'
import { fleetCalls } from './fleet-calls.ts'
import type { Inside } from './inside.ts'
import { liveReaders } from './live-readers.ts'
import { markdown, MiB, percentile, sleep } from './statistics.ts'
import { headCursors, quiet } from './stored-rows.ts'
import type { Target } from './target.ts'

const FLEET = 'followers'
/** Storms, each a write to every workspace. */
const STORMS = 10
const WRITERS = 16
/** Long enough for two reviews of everyone's rights and two keep-alives (LIV-4, LIV-5). */
const IDLE_MS = 45_000
/** How long the last poke of a storm may take. */
const PATIENCE_MS = 10_000

type Storms = {
  /** Milliseconds, each. */
  readonly pushes: number[]
  /** From a write's answer to each poke; a poke may overtake the answer. */
  readonly pokes: number[]
  readonly missing: number
  /** Milliseconds of CPU for each write. */
  readonly server: number
  readonly database: number
  readonly perSecond: number
}

export type StreamFigures = {
  readonly streams: number
  readonly workspaces: number
  readonly openSeconds: number
  readonly lost: number
  readonly before: Inside
  readonly during: Inside
  readonly after: Inside
  /** Share of a core that open streams need without news. */
  readonly idle: { readonly server: number; readonly database: number }
  readonly without: Storms
  readonly storms: Storms
}

/** Many live streams: what they cost while nothing happens, and while every workspace is written to. */
export async function measureStreams(
  target: Target,
  database: BenchDatabase,
  databaseCpu: () => number,
  say: (text: string) => void,
): Promise<StreamFigures> {
  const farms = fleet(FLEET)
  const phones = phonesOf(FLEET)
  const cursors = await headCursors(database)
  const everyPhone = { title: '', records: 0, calls: phones.length }
  await fleetCalls(target, FLEET, everyPhone, { cursors, databaseCpu, seed: 0 })
  await quiet(database)
  const pokes = new PokeWatch(farms)
  const storm = (withPokes: boolean): Promise<Storms> =>
    storms({ target, farms, databaseCpu, pokes: withPokes ? pokes : undefined })
  say('writes without streams')
  await storm(false)
  await quiet(database)
  const without = await storm(false)
  target.reconnect()
  await quiet(database)
  const before = await target.inside()

  say(`opening ${phones.length.toLocaleString('en')} streams`)
  const opening = performance.now()
  const readers = await liveReaders(target.url, phones, (client, at) => pokes.heard(client, at))
  const openSeconds = (performance.now() - opening) / 1000
  await sleep(2000)
  const during = await target.inside()
  say('streams without news')
  const idle = await idleCpu(target, databaseCpu)
  say('writes to every workspace')
  const stormed = await storm(true)
  const { lost } = readers
  readers[Symbol.dispose]()
  target.reconnect()
  await sleep(3000)
  const after = await target.inside()
  return {
    streams: phones.length,
    workspaces: farms.length,
    openSeconds,
    lost,
    before,
    during,
    after,
    idle,
    without,
    storms: stormed,
  }
}

async function idleCpu(target: Target, databaseCpu: () => number): Promise<StreamFigures['idle']> {
  const [server, database] = [target.cpuSeconds(), databaseCpu()]
  await sleep(IDLE_MS)
  const seconds = IDLE_MS / 1000
  return {
    server: (target.cpuSeconds() - server) / seconds,
    database: (databaseCpu() - database) / seconds,
  }
}

/** When each phone was last poked, and by which write. */
class PokeWatch {
  readonly #farmOf = new Map<number, Farm>()
  readonly #answered = new Map<string, number>()
  readonly #early = new Map<string, number[]>()
  #waiting = 0
  times: number[] = []

  constructor(farms: readonly Farm[]) {
    for (const farm of farms) for (const client of farm.clients) this.#farmOf.set(client, farm)
  }

  /** Waits for the last poke, for so long. @returns how many have not come */
  async all(withinMs: number): Promise<number> {
    const deadline = performance.now() + withinMs
    while (this.#waiting > 0 && performance.now() < deadline) await sleep(20)
    return this.#waiting
  }

  begin(farms: readonly Farm[]): void {
    this.#answered.clear()
    this.#early.clear()
    this.#waiting = farms.reduce((sum, { clients }) => sum + clients.length, 0)
  }

  answered(workspaceId: string, at: number): void {
    this.#answered.set(workspaceId, at)
    for (const poke of this.#early.get(workspaceId) ?? []) this.times.push(poke - at)
    this.#early.delete(workspaceId)
  }

  heard(client: number, at: number): void {
    const workspaceId = this.#farmOf.get(client)?.workspaceId ?? ''
    const answered = this.#answered.get(workspaceId)
    this.#waiting--
    if (answered !== undefined) this.times.push(at - answered)
    else this.#early.set(workspaceId, [...(this.#early.get(workspaceId) ?? []), at])
  }
}

let seed = 1

async function storms({
  target,
  farms,
  databaseCpu,
  pokes,
}: {
  target: Target
  farms: readonly Farm[]
  databaseCpu: () => number
  pokes: PokeWatch | undefined
}): Promise<Storms> {
  const pushes: number[] = []
  let missing = 0
  let seconds = 0
  const [server, database] = [target.cpuSeconds(), databaseCpu()]
  for (let round = 0; round < STORMS; round++) {
    const calls = writesTo(target, farms)
    pokes?.begin(farms)
    const began = performance.now()
    await Promise.all(
      Array.from({ length: WRITERS }, async () => {
        for (let next = calls.pop(); next; next = calls.pop()) {
          const sent = performance.now()
          await target.send(next.client, next.wire)
          const at = performance.now()
          pushes.push(at - sent)
          pokes?.answered(next.workspaceId, at)
        }
      }),
    )
    seconds += (performance.now() - began) / 1000
    missing += (await pokes?.all(PATIENCE_MS)) ?? 0
  }
  const writes = pushes.length
  return {
    pushes,
    pokes: pokes?.times ?? [],
    missing,
    server: ((target.cpuSeconds() - server) / writes) * 1000,
    database: ((databaseCpu() - database) / writes) * 1000,
    perSecond: writes / seconds,
  }
}

/** A write of one note to each workspace, by a phone of it. */
function writesTo({ dialect }: Target, farms: readonly Farm[]) {
  const rng = seededRandom(seed++)
  return farms.map(({ workspaceId, clients }) => {
    const client = clients[seed % clients.length] ?? 0
    const { deviceId } = clientAt(client)
    const key = `syn_${ulidAt(rng, Date.now())}`
    const prepared = dialect.prepare({
      key,
      deviceId,
      observations: [observation({ deviceId }, rng)],
      maxDownstream: 1,
    })
    return { workspaceId, client, wire: prepared('') }
  })
}

export function streamTable(figures: StreamFigures): string {
  const { streams, workspaces, openSeconds, before, during, after, idle, without, storms: stormed } = figures
  const ms = (values: readonly number[], share: number): string => percentile(values, share).toFixed(1)
  const kib = (from: number, to: number): string => ((to - from) / streams / 1024).toFixed(1)
  const mib = (bytes: number): string => (bytes / MiB).toFixed(0)
  const row = (name: string, { pushes, perSecond, server, database }: Storms): string[] => [
    name,
    perSecond.toFixed(0),
    ms(pushes, 0.5),
    ms(pushes, 0.99),
    server.toFixed(2),
    database.toFixed(2),
  ]
  const memory = (name: string, { heap, external, resident, objects }: Inside): string[] => [
    name,
    mib(heap),
    mib(external),
    mib(resident),
    ...Object.values(objects).map(String),
  ]
  return [
    `${streams.toLocaleString('en')} streams over ${workspaces} workspaces, opened in ${openSeconds.toFixed(1)} s, ` +
      `${figures.lost} lost; memory of one: heap ${kib(before.heap, during.heap)} KiB, resident ` +
      `${kib(before.resident, during.resident)} KiB; without news ${(idle.server * 100).toFixed(1)} % of a core for the server, ` +
      `${(idle.database * 100).toFixed(1)} % for the database`,
    `from the answer of a write to its poke: p50 ${ms(stormed.pokes, 0.5)} ms, p99 ${ms(stormed.pokes, 0.99)} ms, ` +
      `slowest ${ms(stormed.pokes, 1)} ms; ${stormed.pokes.length.toLocaleString('en')} pokes, ${stormed.missing} missing`,
    '',
    markdown(
      ['writes to every workspace', 'writes/s', 'p50 ms', 'p99 ms', 'server CPU ms', 'database CPU ms'],
      [row('without streams', without), row('with streams', stormed)],
    ),
    '',
    markdown(
      ['heap of the server', 'heap MiB', 'external MiB', 'resident MiB', ...Object.keys(before.objects)],
      [memory('before', before), memory('with streams', during), memory('after', after)],
    ),
  ].join('\n')
}
