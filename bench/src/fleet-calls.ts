import { observation, seededRandom, ulidAt } from '@fieldsync/testkit'

import { clientAt, type FleetName, fleet } from './clients.ts'
import type { Target } from './target.ts'
import type { Measurement } from './workloads.ts'

/** The same call of one phone after the other. */
export type FleetCall = {
  readonly title: string
  /** New observations in each. */
  readonly records: number
  /** In all, whatever the number of farms. */
  readonly calls: number
}

const NOW = Date.parse('2026-02-11T18:00:00Z')

/**
 * Lets the phones of a fleet call in turn, three at a time and each farm after all others, so that the load is the same
 * however many farms there are.
 *
 * @param cursors where each workspace is; moved along
 * @param seed of its own for each run, so that every record is new
 */
export async function fleetCalls(
  target: Target,
  name: FleetName,
  { calls, records }: FleetCall,
  { cursors, databaseCpu, seed }: { cursors: Map<string, string>; databaseCpu: () => number; seed: number },
): Promise<Measurement> {
  const farms = fleet(name)
  const lanes = farms[0]?.clients.length ?? 0
  const rng = seededRandom(seed)
  const perLane = Math.ceil(calls / lanes)
  // No phone is in two lanes: it makes one call at a time. In each run other farms are the first.
  const prepared = Array.from({ length: lanes }, (_, lane) =>
    Array.from({ length: perLane }, (_each, i) => {
      const turn = seed * perLane + i + Math.floor((lane * farms.length) / lanes)
      const farm = farms[turn % farms.length]
      const client = farm?.clients[lane]
      if (farm === undefined || client === undefined) throw new Error(`no phone ${lane} in ${name}`)
      const { deviceId } = clientAt(client)
      const key = `syn_${ulidAt(rng, NOW)}`
      const observations = Array.from({ length: records }, () => observation({ deviceId }, rng))
      const maxDownstream = records === 0 ? 500 : 1
      return {
        workspaceId: farm.workspaceId,
        client,
        call: target.dialect.prepare({ key, deviceId, observations, maxDownstream }),
      }
    }),
  )
  target.reconnect()
  const latencies: number[] = []
  const cpu = target.cpuSeconds()
  const ofDatabase = databaseCpu()
  const started = performance.now()
  await Promise.all(
    prepared.map(async (lane) => {
      for (const { workspaceId, client, call } of lane) {
        const cursor = cursors.get(workspaceId) ?? ''
        const sent = performance.now()
        const answer = await target.send(client, call(cursor))
        latencies.push(performance.now() - sent)
        const next = target.dialect.next(answer, cursor)
        if (!next.hasMore) cursors.set(workspaceId, next.cursor)
      }
    }),
  )
  return {
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: target.cpuSeconds() - cpu,
    databaseCpuSeconds: databaseCpu() - ofDatabase,
    latencies,
  }
}
