import { gzipSync } from 'node:zlib'

import { ErrorEnvelope } from '@fieldsync/contracts'
import { device, observation, roundSeeds, seededRandom, syncBatch } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { processMemory } from './testing/process-memory.ts'
import { sharedSystem } from './testing/shared-system.ts'
import { rowsOf, tableContents } from './testing/table-contents.ts'

const MiB = 1024 * 1024
const REQUESTS = 500
const AT_ONCE = 8

// Bounds in MiB, for eight bodies of 8 MiB at a time. What a request used must be free for the engine when it is over.
const KEPT_MIB = 30
// The allocator returns pages late or never, so only the peak memory of the whole process is bounded.
const PEAK_MIB = 1200

// The server reports its memory after a garbage collection on each signal.
const TELL =
  'let n = 0; process.on("SIGUSR2", () => { gc(); gc(); const { heapUsed, arrayBuffers } = process.memoryUsage(); ' +
  'console.log(JSON.stringify({ msg: "held " + n++, bytes: heapUsed + arrayBuffers })) })'
const system = await sharedSystem(1, {
  NODE_OPTIONS: `--expose-gc --import=data:text/javascript,${encodeURIComponent(TELL)}`,
})
const [server] = system.servers
const workspaceId = await system.workspace()
// Each is a separate device: one alone gets no more than its share of the memory for bodies.
const callers = await Promise.all(
  Array.from({ length: AT_ONCE }, (_, worker) =>
    system.device(workspaceId, `dev_hostile_${worker}`, 'admin'),
  ),
)

type Hostile = { readonly body: Buffer; readonly gzip?: boolean; readonly status: number }

const batchOf = (note: string) =>
  JSON.stringify(
    syncBatch({
      device: device({ deviceId: 'dev_owner' }),
      observations: [observation({ rawNoteText: note })],
    }),
  )
const text = (body: string): Buffer => Buffer.from(body)

const SMALL: readonly [Hostile, ...Hostile[]] = [
  { body: text('{"upserts":'), status: 400 },
  { body: text('['.repeat(100_000)), status: 400 },
  { body: text(`{"a":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_001)}`), status: 400 },
  { body: text(`{"syncId":${'9'.repeat(50_000)}}`), status: 400 },
  { body: text(batchOf('x'.repeat(20_001))), status: 400 },
  { body: text('{"__proto__":{"syncId":"x"},"constructor":{"prototype":{}}}'), status: 400 },
  { body: text('not gzip'), gzip: true, status: 400 },
  { body: gzipSync(batchOf('x')).subarray(0, -9), gzip: true, status: 400 },
]

/** Just below the limit of 8 MiB, or beyond it once unpacked. */
const LARGE: readonly [Hostile, ...Hostile[]] = [
  { body: text(`[${'1,'.repeat(4 * MiB - 2)}1]`), status: 400 },
  { body: text(`[${'{},'.repeat(2.6 * MiB)}{}]`), status: 400 },
  { body: text(`{"syncId":"${'x'.repeat(8 * MiB - 20)}"}`), status: 400 },
  { body: text(`{"upserts":{"observations":[${'null,'.repeat(1.5 * MiB)}null]}}`), status: 400 },
  { body: Buffer.alloc(8 * MiB, ' '), status: 400 },
  { body: Buffer.alloc(9 * MiB, ' '), status: 413 },
  { body: gzipSync(Buffer.alloc(512 * MiB)), gzip: true, status: 413 },
  { body: gzipSync(gzipSync(Buffer.alloc(64 * MiB))), gzip: true, status: 400 },
]

async function send({ body, gzip = false, status }: Hostile, key: string, token: string): Promise<void> {
  const response = await fetch(`${server.url}/v1/sync/batch`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': key,
      'x-device-token': token,
      ...(gzip ? { 'content-encoding': 'gzip' } : {}),
    },
    body: new Uint8Array(body),
  })
  expect({ status: response.status, head: body.subarray(0, 30).toString() }).toMatchObject({ status })
  ErrorEnvelope.parse(await response.json())
}

let asked = 0

/** The size of the server's heap and buffers, in MiB. */
async function heldMiB(): Promise<number> {
  process.kill(server.pid, 'SIGUSR2')
  const { bytes } = await server.logged(`held ${asked++}`)
  return Number(bytes) / MiB
}

it.each(roundSeeds(1))(
  '[ERR-1] [ERR-17] [SHP-6] [HDR-2] 500 hostile requests, bombs and 8 MiB bodies among them, leave no memory behind (seed %i)',
  async (seed) => {
    const rng = seededRandom(seed)
    const rows = async () => rowsOf(await tableContents(system.superuser))
    const requests = Array.from({ length: REQUESTS }, () => rng.pick(rng.fraction() < 0.12 ? LARGE : SMALL))
    const [stored, atStart, held] = [await rows(), await processMemory(server.pid), await heldMiB()]
    await Promise.all(
      Array.from({ length: AT_ONCE }, async (_, worker) => {
        for (let index = worker; index < REQUESTS; index += AT_ONCE) {
          await send(requests[index] ?? SMALL[0], `${seed}-${index}`, callers[worker]?.token ?? '')
        }
      }),
    )
    const { peak } = await processMemory(server.pid)
    expect(peak - atStart.resident).toBeLessThan(PEAK_MIB)
    expect((await heldMiB()) - held).toBeLessThan(KEPT_MIB)
    expect(await rows()).toEqual(stored)
    expect((await fetch(`${server.url}/v1/health`)).status).toBe(200)
  },
)
