import type { SyncBatchResponse, SyncConflict, SyncId } from '@fieldsync/contracts'
import { groupBy } from '@fieldsync/domain'

import { takeBatchAhead } from '../core/batch-ahead.ts'
import type { Changeset } from '../core/changeset.ts'
import type { EngineContext } from '../core/engine-context.ts'
import type { WrittenName } from '../core/engine-events.ts'
import {
  type FullPull,
  type OpenOutcome,
  readMeta,
  rememberResolved,
  type Reported,
  writeMeta,
} from '../core/engine-meta.ts'
import { type Call, clearInFlightBatch } from '../core/in-flight-batch.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import { type EntityType, type LocalRecord, recordKey, type SentEntry } from '../core/local-record.ts'
import type { WriteTransaction } from '../core/local-store.ts'
import { recordServerContract } from '../core/server-contract.ts'
import { compareHashes, type Drift, pullForOrphans } from '../recover/drift.ts'
import { startFullPull } from '../recover/full-pull.ts'
import { followServer, type Missing } from '../recover/local-only.ts'
import { acknowledgeTaken, type Merged, mergeDownstream, namedDownstream } from './merge-downstream.ts'
import { decideOpenOutcomes } from './open-outcomes.ts'
import { promoteAhead, type SentAhead } from './promote-ahead.ts'
import { type DecidedPatch, type ReconciledPatches, reconcilePatches } from './reconcile-patches.ts'
import { reconcileRecord } from './reconcile-records.ts'
import { type RawRecords, rawRecords, sentEntries } from './sent-entries.ts'
import { storeCheckpoint } from './store-checkpoint.ts'

/** What one answer did, for the events once it is stored. */
export type Applied = Merged & {
  accepted: WrittenName[]
  rebased: ReconciledPatches['rebased']
  /** What of the server's history turned out to be missing there. */
  missing: Missing
  drift: Drift | null
  hasMore: boolean
  /** The batch that is in flight now, sent before this answer was applied (ENG-87). */
  next: SyncId | null
}

type Answer = { response: SyncBatchResponse; raw: SyncBatchResponse; contract?: string | undefined }

/**
 * Takes over one answer whole: outcomes of what was sent, what others changed, and the cursor (ENG-7). Null, and no
 * change, if another tab has moved the device on meanwhile, so that the answer is no longer the one it waits for.
 *
 * @param sentAhead the batch that this program has sent since the answer came
 */
export async function applyAnswer(
  context: EngineContext,
  changeset: Changeset,
  transaction: WriteTransaction,
  call: Call,
  answer: Answer,
  sentAhead?: SentAhead,
): Promise<Applied | null> {
  const [stored, fullPull, openBefore = []] = await readMeta(transaction, [
    'snapshot',
    'fullPull',
    'openOutcomes',
  ])
  const isPull = call.entries.length === 0
  const expected = isPull ? changeset.position.cursor === call.cursor : stored?.syncId === call.syncId
  if (!expected) return null
  const now = context.clock.now()
  const { response } = answer
  const ahead = isPull ? undefined : await takeBatchAhead(changeset, transaction, call.syncId)
  await recordServerContract(changeset, transaction, answer.contract)
  await storeCheckpoint(changeset, transaction, response)
  const raw = rawRecords(answer.raw)
  const { sent, before } = await loadAll(changeset, call, response, openBefore)
  const open = new Map(openBefore.map((each) => [recordKey(each.type, each.id), each]))
  const reconciled = reconcileSaved(context, changeset, sent, open, response, raw, now)
  const merged = await mergeDownstream(context, changeset, response.downstream, raw, pagesOf(fullPull), now)
  const patches = await reconcileSentPatches(context, changeset, sent, response, raw, now)
  await decideOpenOutcomes(changeset, transaction, open, response.downstream)
  const missing = followServer(context, changeset, before, acceptedCorrections(sent, reconciled.parked), {
    isFullPull: pagesOf(fullPull) !== undefined,
    resent: new Set(merged.resent.map(({ type, id }) => recordKey(type, id))),
  })
  await moveOn(changeset, transaction, call, response, now)
  for (const { conflict } of patches.rebased)
    await rememberResolved(transaction, conflict.conflictId, 'rebase')
  for (const { id, conflict } of patches.missing) {
    missing.localOnly.push({ type: 'playbookPatch', id })
    // Nobody has to decide before a person sends it again.
    await rememberResolved(transaction, conflict.conflictId, 'accept_server')
  }
  for (const { conflictId } of reconciled.superseded)
    await rememberResolved(transaction, conflictId, 'accept_server')
  const drift = fullPull
    ? await turnPage(transaction, fullPull, response)
    : await compareHashes(context, changeset, transaction, response.downstream)
  // The pages of a pull that goes on bring what was changed by this answer, too.
  if (reconciled.unclear && !fullPull && !drift?.healing) await startFullPull(changeset, transaction, 'drift')
  if (!fullPull) await pullForOrphans(changeset, transaction, sent, response.conflicts, response.downstream)
  const isPromoted = ahead !== undefined && (await promoteAhead(changeset, transaction, ahead, sentAhead))
  return {
    ...merged,
    parked: [...reconciled.parked, ...merged.parked, ...patches.parked],
    accepted: [
      ...reconciled.accepted,
      ...patches.accepted.map((id) => ({ type: 'playbookPatch' as const, id })),
    ],
    rebased: patches.rebased,
    missing,
    drift,
    hasMore: response.downstream.hasMore,
    next: isPromoted ? ahead.syncId : null,
  }
}

const pagesOf = (fullPull: FullPull | undefined) => (fullPull?.step === 'pages' ? fullPull : undefined)

/** Every row that the answer touches, as it is before, in two reads however many there are. */
async function loadAll(
  changeset: Changeset,
  call: Call,
  response: SyncBatchResponse,
  open: readonly OpenOutcome[],
): Promise<{ sent: SentEntry[]; before: LocalRecord[] }> {
  const entries = await changeset.entries(call.entries.map(({ key }) => key))
  const playbooks = entries.flatMap(({ entry: { document } }) =>
    'patchId' in document ? [{ type: 'playbook' as const, id: document.playbookId }] : [],
  )
  const named = [...call.entries, ...playbooks, ...open, ...namedDownstream(response.downstream)]
  await changeset.load(named)
  const once = new Map(named.map(({ type, id }) => [recordKey(type, id), { type, id }]))
  const before = [...once.values()].map(({ type, id }) => changeset.record<EntityType>(type, id))
  return { sent: sentEntries(call, entries), before }
}

/** Ids of the corrections that the server took, by record, in their order. */
function acceptedCorrections(
  sent: readonly SentEntry[],
  parked: readonly LocalConflict[],
): Map<string, string[]> {
  const lost = new Set(parked.map(({ losing }) => losing))
  const accepted = new Map<string, string[]>()
  for (const { entry } of sent) {
    const { type, id, document } = entry
    if (!('rawNoteText' in document) || !document.correction || lost.has(document)) continue
    const ids = accepted.get(recordKey(type, id)) ?? []
    accepted.set(recordKey(type, id), [...ids, document.correction.correctionId])
  }
  return accepted
}

type ReconciledSaved = {
  parked: LocalConflict[]
  accepted: WrittenName[]
  superseded: SyncConflict[]
  /** Something was accepted of which the device cannot know whether it changed the server's version. */
  unclear: boolean
}

/** @param open outcomes that are not decided yet, by record; what this answer opens or decides changes in it */
function reconcileSaved(
  context: EngineContext,
  changeset: Changeset,
  sent: readonly SentEntry[],
  open: Map<string, OpenOutcome>,
  { conflicts }: SyncBatchResponse,
  raw: RawRecords,
  now: number,
): ReconciledSaved {
  const byRecord = groupBy(
    conflicts.map((conflict, i) => ({ conflict, winner: raw.conflicts[i]?.winner })),
    ({ conflict }) => recordKey(conflict.entityType, conflict.entityId),
  )
  const writesByRecord = groupBy(sent, ({ entry }) => recordKey(entry.type, entry.id))
  const reconciled: ReconciledSaved = { parked: [], accepted: [], superseded: [], unclear: false }
  for (const [key, writes] of writesByRecord) {
    const [first] = writes
    if (!first || first.entry.type === 'playbookPatch') continue
    const { type, id } = first.entry
    const before = changeset.record<EntityType>(type, id)
    const possible = open.get(key)?.otherwise
    const decided = { type, id, writes, conflicts: byRecord.get(key) ?? [], otherwise: possible }
    const outcome = reconcileRecord(changeset, decided, now, context.sha256)
    acknowledgeTaken(context, changeset, before, now)
    const { parked, accepted, superseded, otherwise, unclear } = outcome
    reconciled.unclear ||= unclear
    reconciled.parked.push(...parked)
    reconciled.superseded.push(...superseded)
    if (accepted > 0) reconciled.accepted.push({ type, id })
    if (otherwise) open.set(key, { type, id, otherwise })
    else open.delete(key)
  }
  return reconciled
}

async function reconcileSentPatches(
  context: EngineContext,
  changeset: Changeset,
  sent: readonly SentEntry[],
  { conflicts }: SyncBatchResponse,
  raw: RawRecords,
  now: number,
): Promise<ReconciledPatches> {
  const byPatch = new Map<string, SyncConflict>()
  for (const [i, conflict] of conflicts.entries()) {
    byPatch.set(conflict.entityId, conflict)
    takeOverPlaybook(changeset, conflict, raw.conflicts[i]?.playbook)
  }
  const byPlaybook = new Map<string, DecidedPatch[]>()
  for (const queued of sent) {
    const { id, document } = queued.entry
    if (!('patchId' in document)) continue
    const chain = byPlaybook.get(document.playbookId) ?? []
    chain.push({ ...queued, conflict: byPatch.get(id) ?? null })
    byPlaybook.set(document.playbookId, chain)
  }
  const all: ReconciledPatches = { parked: [], accepted: [], rebased: [], missing: [] }
  for (const [playbookId, decided] of byPlaybook) {
    const reconciled = await reconcilePatches(context, changeset, playbookId, decided, now)
    all.parked.push(...reconciled.parked)
    all.accepted.push(...reconciled.accepted)
    all.rebased.push(...reconciled.rebased)
    all.missing.push(...reconciled.missing)
  }
  return all
}

/** A conflict may show a playbook that the pages have not brought yet. */
function takeOverPlaybook(changeset: Changeset, { playbook }: SyncConflict, raw: object | undefined): void {
  if (!playbook) return
  const { playbookId, version } = playbook.document
  const known = changeset.record('playbook', playbookId).server?.version ?? 0
  if (version > known) changeset.putServer('playbook', playbookId, playbook.document, raw)
}

async function moveOn(
  changeset: Changeset,
  transaction: WriteTransaction,
  call: Call,
  { serverCursor, downstream }: SyncBatchResponse,
  now: number,
): Promise<void> {
  const { lastSyncAt } = changeset.position
  changeset.position = {
    ...changeset.position,
    cursor: serverCursor,
    lastSyncAt: downstream.hasMore ? lastSyncAt : now,
  }
  if (call.entries.length > 0) await clearInFlightBatch(transaction)
  await forgetReported(transaction, call.reported)
}

/** What the report named has arrived, and is not reported again (CNF-12). */
async function forgetReported(transaction: WriteTransaction, reported: Reported): Promise<void> {
  if (reported.resolved > 0) {
    const [resolved] = await readMeta(transaction, ['resolved'])
    const left = resolved?.slice(reported.resolved)
    await writeMeta(transaction, 'resolved', left?.length ? left : undefined)
  }
  if (reported.drift) await writeMeta(transaction, 'drift', undefined)
}

/** A page of a full pull; after the last one the records are looked through. */
async function turnPage(
  transaction: WriteTransaction,
  fullPull: FullPull,
  { downstream }: SyncBatchResponse,
): Promise<null> {
  if (fullPull.step === 'pages' && !downstream.hasMore) {
    const serverHash = downstream.stateHash ?? null
    await writeMeta(transaction, 'fullPull', { ...fullPull, step: 'sweep', serverHash })
  }
  return null
}
