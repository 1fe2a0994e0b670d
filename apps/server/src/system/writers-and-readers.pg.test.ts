import { hash } from 'node:crypto'

import type { AuditEntry, SyncBatchResponse } from '@fieldsync/contracts'
import { canonicalText } from '@fieldsync/domain'
import {
  acceptedBody,
  type Caller,
  isReplay,
  postBatch,
  pullPage,
  pullPages,
  roundSeeds,
  seededRandom,
  type SyncBatchInput,
} from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { busyBatch, tickingClock } from './testing/busy-writer.ts'
import { DeviceCopy } from './testing/device-copy.ts'
import { followAudit } from './testing/follow-audit.ts'
import { sharedSystem } from './testing/shared-system.ts'

const WRITERS = 8
const READERS = 4
const BATCHES_OF_EACH = 10

const system = await sharedSystem(2)
const [one, two] = [system.servers[0].url, (system.servers[1] ?? system.servers[0]).url]

/** The same device at either server. */
const anywhere = (caller: Caller, chance: number): Caller => ({ ...caller, url: chance < 0.5 ? one : two })

type Written = { readonly batch: SyncBatchInput; readonly body: SyncBatchResponse }

/** Writes a number of batches, now and then the same one at both servers at once. */
async function write(caller: Caller, copy: DeviceCopy, seed: number, now: () => string, mayCorrect: boolean) {
  const rng = seededRandom(seed)
  const written: Written[] = []
  for (let i = 0; i < BATCHES_OF_EACH; i++) {
    const batch = busyBatch({ deviceId: caller.deviceId, mayCorrect }, copy, rng, now)
    const at = rng.fraction() < 0.2 ? [0, 1] : [rng.fraction()]
    const answers = await Promise.all(at.map((chance) => postBatch(anywhere(caller, chance), batch)))
    expect(answers.filter((answer) => !isReplay(answer))).toHaveLength(1)
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    const [body] = answers.map(acceptedBody)
    if (body === undefined) throw new Error('no answer')
    copy.apply(body, batch.upserts)
    written.push({ batch, body })
  }
  return written
}

/** Follows the log while `writing` runs and then to the head; every page in order of arrival. */
async function read(caller: Caller, copy: DeviceCopy, seed: number, writing: { done: boolean }) {
  const rng = seededRandom(seed)
  const pages: SyncBatchResponse[] = []
  for (;;) {
    const last = writing.done
    const page = await pullPage(anywhere(caller, rng.fraction()), copy.cursor, rng.int(1, 30))
    copy.apply(page)
    pages.push(page)
    if (last && !page.downstream.hasMore) return pages
  }
}

const sha256Of = (record: unknown): string => hash('sha256', canonicalText(record), 'hex')

/** The audit entry for each state of each record. */
function entriesByState(audit: readonly AuditEntry[]): Map<string, AuditEntry> {
  return new Map(audit.map((entry) => [`${entry.target?.id} ${entry.change?.afterSha256}`, entry]))
}

it.each(roundSeeds(2))(
  '[GUA-3] [GUA-4] [GUA-8] [CUR-1] [CUR-3] 8 writers and 4 readers over two servers end with equal copies (seed %i)',
  async (seed) => {
    const workspaceId = await system.workspace()
    const now = tickingClock()
    const writers = await Promise.all(
      Array.from({ length: WRITERS }, async (_, index) => {
        const role = index < 5 ? 'scout' : 'agronomist'
        const caller = await system.device(workspaceId, `dev_${role}_${index}`, role)
        return { caller, copy: new DeviceCopy(), mayCorrect: role === 'agronomist' }
      }),
    )
    const readers = await Promise.all(
      Array.from({ length: READERS }, async (_, index) => {
        return {
          caller: await system.device(workspaceId, `dev_reader_${index}`, 'viewer'),
          copy: new DeviceCopy(),
        }
      }),
    )
    const writing = { done: false }
    const reading = Promise.all(
      readers.map(({ caller, copy }, i) => read(caller, copy, seed + 100 + i, writing)),
    )
    const written = await Promise.all(
      writers.map(({ caller, copy, mayCorrect }, i) => write(caller, copy, seed + i, now, mayCorrect)),
    ).finally(() => (writing.done = true))
    const streams = await reading

    // What happened, by the audit: one row per commit, in commit order.
    const audit = await followAudit(await system.device(workspaceId, 'dev_auditor', 'agronomist'))
    expect(await system.verifyAudit(workspaceId)).toMatchObject({ ok: true })
    const changes = audit.filter(
      ({ action, outcome, change }) => action === 'sync.batch' && outcome.ok && change !== null,
    )
    const accepted = written.flat().reduce((sum, { body }) => {
      const { observations, recommendations, playbookPatches } = body.acceptedCounts
      return sum + observations + recommendations + playbookPatches
    }, 0)
    expect(changes).toHaveLength(accepted)
    expect(new Set(changes.map(({ change }) => change?.kind))).toEqual(
      new Set(['create', 'update', 'correct', 'patch']),
    )

    // Every accepted write is a change of its own device under its own key; none is lost.
    const entries = entriesByState(audit)
    for (const { batch, body } of written.flat()) {
      const refused = new Set(body.conflicts.map(({ entityId }) => entityId))
      const own = new Map<string, unknown>([
        ...batch.upserts.observations.map((record) => [record.observationId, record] as const),
        ...batch.upserts.recommendations.map((record) => [record.recommendationId, record] as const),
      ])
      for (const [id, record] of own) {
        if (refused.has(id)) continue
        const entry = entries.get(`${id} ${sha256Of(record)}`)
        expect(entry?.actor.deviceId).toBe(batch.device.deviceId)
        expect(entry?.request.idempotencyKey).toBe(batch.syncId)
      }
    }

    // Readers saw states in the order of their commits, and no version of the playbook after a later one.
    for (const pages of streams) {
      for (const kind of ['observations', 'recommendations'] as const) {
        const seen = pages.flatMap(({ downstream }) =>
          downstream[kind].map((record) => {
            const id = 'recommendationId' in record ? record.recommendationId : record.observationId
            return entries.get(`${id} ${sha256Of(record)}`)
          }),
        )
        expect(seen).not.toContain(undefined)
        expect(new Set(seen).size).toBe(seen.length)
        // A row of the chain is a commit; inside one the order means nothing.
        const commits = seen.map((entry) => entry?.seq ?? Number.NaN)
        expect(commits).toEqual(commits.toSorted((a, b) => a - b))
      }
      const versions = pages.map(({ downstream }) => downstream.playbook.version)
      expect(versions).toEqual(versions.toSorted((a, b) => a - b))
    }

    // The last change of every record is what all copies have.
    const latest: Record<string, string> = {}
    for (const { target, change } of changes) {
      if (target === null || change?.afterSha256 == null || target.type === 'playbook') continue
      latest[target.id] = change.afterSha256
    }
    for (const { caller, copy } of writers) {
      for (const page of await pullPages(caller, copy.cursor)) copy.apply(page)
    }
    for (const { copy } of [...writers, ...readers]) {
      const held = Object.entries(copy.contents()).map(([id, record]) => [id, sha256Of(record)])
      expect(Object.fromEntries(held)).toEqual(latest)
    }
    const patches = changes.filter(({ target }) => target?.type === 'playbook')
    expect(new Set(readers.map(({ copy }) => copy.playbookVersion))).toEqual(new Set([3 + patches.length]))

    // Both servers answer the same from the beginning, page by page.
    const newcomer = await system.device(workspaceId, 'dev_newcomer', 'viewer')
    const answers = await Promise.all([one, two].map((url) => pullPages({ ...newcomer, url }, '', 37)))
    const [here, there] = answers.map((pages) =>
      pages.map(({ serverCursor, downstream }) => ({ serverCursor, downstream })),
    )
    expect(here).toEqual(there)
    expect(new Set(readers.map(({ copy }) => copy.cursor))).toEqual(new Set([here?.at(-1)?.serverCursor]))
  },
)
