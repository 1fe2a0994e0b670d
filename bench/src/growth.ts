import { observation, seededRandom } from '@fieldsync/testkit'
import pg from 'pg'

import type { BenchDatabase } from './cluster.ts'
import type { Target } from './target.ts'
import { runWorkload, type Workload, WORKLOADS } from './workloads.ts'

export const SMALL = 10_000
export const LARGE = 1_000_000
const CHUNK = 50_000
const ROUNDS = 3

export type Growth = { records: number; batchMs: number; pullMs: number }

/** Median time of a batch of 100 and of a pull with nothing new, at two sizes of one workspace. */
export async function measureGrowth(
  target: Target,
  database: BenchDatabase,
  databaseCpu: () => number,
  say: (text: string) => void,
): Promise<Growth[]> {
  const [push, , , , pull] = WORKLOADS
  if (!push || !pull) throw new Error('a workload is missing')
  const measured: Growth[] = []
  let seed = 900
  for (const records of [SMALL, LARGE]) {
    await fillTo(database, records, say)
    const middle = async (workload: Workload): Promise<number> => {
      const times: number[] = []
      for (let round = 0; round < ROUNDS; round++) {
        const { latencies } = await runWorkload(
          target,
          workload,
          seed++,
          databaseCpu,
          await headCursor(database),
        )
        times.push(median(latencies))
      }
      return median(times)
    }
    say(`measuring at ${records.toLocaleString('en')} records`)
    measured.push({
      records,
      batchMs: await middle({ ...push, calls: 60 }),
      pullMs: await middle({ ...pull, clients: 1, calls: 300 }),
    })
  }
  return measured
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

async function headCursor({ ownerUrl }: BenchDatabase): Promise<string> {
  const client = new pg.Client(ownerUrl)
  await client.connect()
  try {
    const { rows } = await client.query<{ cursor: string }>(
      'SELECT fieldsync_cursor(workspace_id, position) AS cursor FROM workspace_heads',
    )
    return rows[0]?.cursor ?? ''
  } finally {
    await client.end()
  }
}

/** Puts rows into the workspace of the benchmark by SQL: sending a million records would take longer than measuring. */
async function fillTo(
  { ownerUrl }: BenchDatabase,
  records: number,
  say: (text: string) => void,
): Promise<void> {
  const client = new pg.Client(ownerUrl)
  await client.connect()
  try {
    const { rows } = await client.query<{ n: number }>('SELECT count(*)::int AS n FROM observations')
    for (let stored = rows[0]?.n ?? 0; stored < records; stored += CHUNK) {
      await addRecords(client, Math.min(CHUNK, records - stored), stored)
      say(
        `stored ${Math.min(records, stored + CHUNK).toLocaleString('en')} of ${records.toLocaleString('en')} records`,
      )
    }
    await client.query('ANALYZE observations')
    await client.query('CHECKPOINT').catch(() => undefined)
  } finally {
    await client.end()
  }
}

async function addRecords(client: pg.Client, count: number, serial: number): Promise<void> {
  const template = JSON.stringify(observation({}, seededRandom(serial + 1)))
  await client.query(
    `WITH head AS (
       UPDATE workspace_heads SET position = position + $1 WHERE workspace_id = 'ws_bench' RETURNING position - $1 AS before
     ), filled AS (
       INSERT INTO observations
         (workspace_id, observation_id, device_id, status, document, document_bytes, time_micros, revision, position, stored_at)
       SELECT 'ws_bench', 'obs_filled_' || md5($2::text || i), 'dev_filled', 'draft', $3::text::json, octet_length($3::text), 0, 1, head.before + i, now()
       FROM head, generate_series(1, $1) i
     )
     INSERT INTO log_commits (workspace_id, last_position, first_position, secret, committed_at)
     SELECT 'ws_bench', head.before + $1, head.before + 1, sha256(convert_to($2::text, 'UTF8')), now() FROM head`,
    [count, serial, template],
  )
}
