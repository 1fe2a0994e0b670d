import {
  CONTRACT_VERSION,
  ERROR_TABLE,
  type ErrorCode,
  type Observation,
  parseSyncBatch,
  Playbook,
  type PlaybookPatch,
  type Recommendation,
  type SyncBatchRequest,
  type SyncBatchResponse,
  type SyncConflict,
  UNANNOUNCED_CONTRACT_VERSION,
  type UpsertEntityType,
  type ValidationIssue,
} from '@fieldsync/contracts'
import {
  type Actor,
  canonicalRecord,
  canonicalText,
  combineDigests,
  type ConflictDecision,
  decideObservation,
  decidePatch,
  decideRecommendation,
  EMPTY_STATE_HASH,
  pathsOverlap,
  recordDigest,
  writeTimeMicros,
} from '@fieldsync/domain'
import { playbook } from '@fieldsync/testkit'

import type { BatchAnswer } from '../core/ports.ts'
import { contentKey } from './content-key.ts'
import { newerKeys } from './newer-keys.ts'
import { sha256 } from './sha256.ts'

type Kind = 'observation' | 'recommendation' | 'playbook'
type Stored = {
  kind: Kind
  id: string
  record: Observation | Recommendation | Playbook
  timeMicros: number
  at: number
}
type Answered = { request: string; body: string }

/** Everything that a backup of the server holds. */
type State = {
  position: number
  branch: number
  records: Map<string, Stored>
  deleted: Map<string, number>
  corrections: Map<string, Map<string, string>>
  patches: Map<string, PlaybookPatch>
  steps: { playbookId: string; patchId: PlaybookPatch['patchId']; version: number; paths: string[] }[]
  answers: Map<string, Answered>
}

/**
 * A server of one workspace for this package's tests, on the domain's own decisions: as little as an engine has to meet.
 * The contract is checked as the real one does it; rights are those of the actor that a test gives.
 */
export class RuleServer {
  state: State
  now: () => number
  /** Conflicts that devices have said they resolved, and the reports as they came. */
  readonly reports: NonNullable<SyncBatchRequest['report']>[] = []
  readonly requests: SyncBatchRequest[] = []
  maxRecords = 1000
  maxBytes = 8 * 1024 * 1024
  hasHash = true
  /** What it announces, and takes: null is a server of 1.3.0, which announces nothing. */
  contract: string | null = CONTRACT_VERSION
  /** Kept by its backups. */
  workspaceUid = 'wsu_00000000000000000000000000000001'
  /** Records that this server refuses although the contract allows them. */
  isPoison: (record: object) => boolean = () => false
  /** Everything that was ever accepted, by its {@link essence}, restores or not. */
  readonly accepted = new Set<string>()
  #branches = 1

  constructor(now: () => number) {
    this.now = now
    this.state = {
      position: 0,
      branch: 0,
      records: new Map(),
      deleted: new Map(),
      corrections: new Map(),
      patches: new Map(),
      steps: [],
      answers: new Map(),
    }
    this.#put('playbook', 'pbk_yolo_grape', Playbook.parse(playbook()), 0)
  }

  /** A copy of everything, to restore later. */
  backup(): State {
    return structuredClone(this.state)
  }

  /** Goes back to a backup: cursors from after it are refused from now on. */
  restore(backup: State): void {
    this.state = { ...structuredClone(backup), branch: this.#branches++ }
  }

  // A record lies under its kind.
  observation(id: string): Observation | undefined {
    return this.state.records.get(`observation/${id}`)?.record as Observation | undefined
  }

  recommendation(id: string): Recommendation | undefined {
    return this.state.records.get(`recommendation/${id}`)?.record as Recommendation | undefined
  }

  playbook(id = 'pbk_yolo_grape'): Playbook | undefined {
    return this.state.records.get(`playbook/${id}`)?.record as Playbook | undefined
  }

  delete(kind: Kind, id: string): void {
    this.state.records.delete(`${kind}/${id}`)
    this.state.deleted.set(`${kind}/${id}`, ++this.state.position)
  }

  stateHash(): string {
    const digests = [...this.state.records.values()].map(({ kind, id, record }) =>
      recordDigest(kind, id, canonicalRecord<object>(record), sha256),
    )
    return combineDigests(EMPTY_STATE_HASH, ...digests)
  }

  /** What it says of itself (OPS-20); of 1.3.0 neither version nor id of the workspace. */
  session({ deviceId, role }: Actor): BatchAnswer {
    const announced = this.contract === null ? {} : { contractVersion: this.contract }
    const workspace = { workspaceId: 'ws_test', name: 'Test', timeZone: 'America/Los_Angeles' }
    const uid = this.contract === null ? {} : { workspaceUid: this.workspaceUid }
    const body = { ...announced, workspace: { ...workspace, ...uid }, deviceId, role, rights: [] }
    return this.#announced({ status: 200, body: JSON.stringify(body) })
  }

  #announced(answer: BatchAnswer): BatchAnswer {
    return this.contract === null ? answer : { ...answer, contract: this.contract }
  }

  answer(actor: Actor, key: string, body: string): BatchAnswer {
    return this.#announced(this.#answer(actor, key, body))
  }

  #answer(actor: Actor, key: string, body: string): BatchAnswer {
    const parsed = parseSyncBatch(JSON.parse(body))
    if (body.length > this.maxBytes) return this.refuse('PAYLOAD_TOO_LARGE', this.#limits())
    if (!parsed.ok) return this.refuse('VALIDATION_ERROR', { issues: parsed.issues })
    const request = parsed.value
    const issues = this.#stricter(request)
    if (issues.length > 0) return this.refuse('VALIDATION_ERROR', { issues })
    this.requests.push(request)
    const { observations, recommendations, playbookPatches } = request.upserts
    const count = observations.length + recommendations.length + playbookPatches.length
    if (count > this.maxRecords) return this.refuse('PAYLOAD_TOO_LARGE', this.#limits())
    if (request.device.deviceId !== actor.deviceId)
      return this.refuse('FORBIDDEN', { reason: 'device_mismatch' })
    if (count > 0 && actor.role === 'viewer') return this.refuse('FORBIDDEN', { reason: 'role' })
    const text = canonicalText(request)
    const known = this.state.answers.get(`${actor.deviceId} ${key}`)
    if (known && (count === 0 || known.request !== text)) return this.refuse('IDEMPOTENCY_CONFLICT')
    if (known) return { status: 200, body: known.body }
    const from = this.#positionOf(request.lastKnownServerCursor)
    if (from === undefined) return this.refuse('CURSOR_INVALID')
    if (request.report) this.reports.push(request.report)
    const answered = JSON.stringify(this.#apply(actor, request, from))
    if (count > 0) this.state.answers.set(`${actor.deviceId} ${key}`, { request: text, body: answered })
    return { status: 200, body: answered }
  }

  /** A newer server may find fault with what this version's contract allows. */
  #stricter({ upserts, report }: SyncBatchRequest): ValidationIssue[] {
    const contract = this.contract ?? UNANNOUNCED_CONTRACT_VERSION
    return [...newerKeys({ upserts, report }, contract), ...this.#poison(upserts)]
  }

  #poison(upserts: SyncBatchRequest['upserts']): ValidationIssue[] {
    return Object.entries(upserts).flatMap(([name, records]) =>
      records.flatMap((record, i) =>
        this.isPoison(record) ? [{ path: `/upserts/${name}/${i}/poison`, message: 'is poison' }] : [],
      ),
    )
  }

  refuse(code: ErrorCode, details?: Record<string, unknown>): BatchAnswer {
    const { status, retryable } = ERROR_TABLE[code]
    const error = { code, message: `refused: ${code}`, retryable, traceId: '0', ...(details && { details }) }
    const envelope = { requestId: 'req_1', timestamp: this.#instant(), error }
    return this.#announced({ status, body: JSON.stringify(envelope) })
  }

  #limits() {
    return { maxRecords: this.maxRecords, maxBytes: this.maxBytes }
  }

  #instant(): string {
    return new Date(this.now()).toISOString()
  }

  #put(kind: Kind, id: string, record: Stored['record'], timeMicros: number): void {
    this.state.deleted.delete(`${kind}/${id}`)
    this.state.records.set(`${kind}/${id}`, { kind, id, record, timeMicros, at: ++this.state.position })
  }

  #apply(actor: Actor, request: SyncBatchRequest, from: number): SyncBatchResponse {
    const before = this.state.position
    const conflicts: SyncConflict[] = []
    const accepted = { observations: 0, recommendations: 0, playbookPatches: 0 }
    const note = (kind: keyof typeof accepted, record: object, conflict: SyncConflict | undefined) => {
      if (conflict) {
        conflicts.push(conflict)
        return
      }
      accepted[kind]++
      this.accepted.add(contentKey(record))
    }
    for (const each of request.upserts.observations) {
      note('observations', each, this.#decideObservation(actor, request, each))
    }
    for (const each of request.upserts.recommendations) {
      note('recommendations', each, this.#decideRecommendation(actor, request, each))
    }
    for (const each of request.upserts.playbookPatches) {
      note('playbookPatches', each, this.#decidePatch(actor, each))
    }
    for (const conflict of conflicts) this.#addRebaseState(request, conflict)
    return {
      syncId: request.syncId,
      acceptedAt: this.#instant(),
      acceptedCounts: accepted,
      conflicts,
      ...this.#page(from, before, request.maxDownstream ?? 500),
    }
  }

  #decideObservation(actor: Actor, request: SyncBatchRequest, record: Observation): SyncConflict | undefined {
    const id = record.observationId
    const current = this.state.records.get(`observation/${id}`)
    const corrections = this.state.corrections.get(id) ?? new Map<string, string>()
    const incoming = canonicalRecord(record)
    const timeMicros = writeTimeMicros(record, request.requestedAt, this.now() * 1000)
    const decision = decideObservation({
      actor,
      incoming,
      timeMicros,
      sha256,
      current: current && {
        canonical: canonicalRecord(current.record as Observation),
        timeMicros: current.timeMicros,
        corrections,
      },
    })
    if (decision.kind === 'conflict') return this.#conflict('observation', id, decision, current)
    if (decision.kind === 'accept') {
      if (record.correction && decision.newCorrection) {
        corrections.set(record.correction.correctionId, sha256(incoming.contentText))
        this.state.corrections.set(id, corrections)
      }
      this.#put('observation', id, record, timeMicros)
    } else if (decision.moveTime && current) current.timeMicros = timeMicros
    return undefined
  }

  #decideRecommendation(
    actor: Actor,
    request: SyncBatchRequest,
    record: Recommendation,
  ): SyncConflict | undefined {
    const id = record.recommendationId
    const current = this.state.records.get(`recommendation/${id}`)
    const timeMicros = writeTimeMicros(record, request.requestedAt, this.now() * 1000)
    const decision = decideRecommendation({
      actor,
      observationAuthor: this.observation(record.observationId)?.deviceId,
      incoming: canonicalRecord(record),
      timeMicros,
      sha256,
      current: current && {
        canonical: canonicalRecord(current.record as Recommendation),
        timeMicros: current.timeMicros,
      },
    })
    if (decision.kind === 'conflict') return this.#conflict('recommendation', id, decision, current)
    if (decision.kind === 'accept') this.#put('recommendation', id, record, timeMicros)
    else if (decision.moveTime && current) current.timeMicros = timeMicros
    return undefined
  }

  #decidePatch(actor: Actor, patch: PlaybookPatch): SyncConflict | undefined {
    const known = this.state.patches.get(patch.patchId)
    const decision = decidePatch({
      actor,
      playbook: this.playbook(patch.playbookId),
      acceptedContent: known && canonicalRecord(known).contentText,
      incoming: canonicalRecord(patch),
      at: this.#instant(),
    })
    if (decision.kind === 'conflict') {
      const winner = decision.code === 'PATCH_ID_REUSED' && known ? { record: known } : undefined
      return this.#conflict('playbookPatch', patch.patchId, decision, winner)
    }
    if (decision.kind === 'duplicate') return undefined
    const { document, paths } = decision
    this.state.patches.set(patch.patchId, patch)
    this.state.steps.push({
      playbookId: patch.playbookId,
      patchId: patch.patchId,
      version: document.version,
      paths,
    })
    this.#put('playbook', patch.playbookId, document, 0)
    return undefined
  }

  #conflict(
    entityType: UpsertEntityType,
    entityId: string,
    { code, resolution, message, issues }: ConflictDecision,
    winner: { record: SyncConflictRecord } | undefined,
  ): SyncConflict {
    return {
      entityType,
      entityId,
      code,
      resolution,
      message,
      conflictId: `cnf_${sha256(`${entityId} ${code}`).slice(0, 16)}` as SyncConflict['conflictId'],
      ...(issues && { issues }),
      ...(winner && { server: { updatedAt: this.#instant(), record: winner.record as Observation } }),
    }
  }

  #addRebaseState({ upserts }: SyncBatchRequest, conflict: SyncConflict): void {
    if (conflict.resolution !== 'rebase') return
    const patch = upserts.playbookPatches.find(({ patchId }) => patchId === conflict.entityId)
    const document = patch && this.playbook(patch.playbookId)
    if (!document) return
    const intervening = this.state.steps
      .filter((step) => step.playbookId === patch.playbookId && step.version > patch.baseVersion)
      .map(({ patchId, version, paths }) => ({ patchId, version, paths }))
    const own = patch.operations.map(({ path }) => path)
    const overlapping =
      patch.baseVersion > document.version || intervening.some(({ paths }) => pathsOverlap(paths, own))
    conflict.playbook = { activeVersion: document.version, document, intervening, overlapping }
  }

  #positionOf(cursor: string): number | undefined {
    if (cursor === '') return 0
    const [branch, position] = cursor.split('.').map(Number)
    return branch === this.state.branch ? position : undefined
  }

  /** As the real server: own writes are not echoed at the head, and come with the rest where there is more. */
  #page(from: number, before: number, limit: number) {
    const { records, deleted, position, branch } = this.state
    const news = [...records.values()].filter(({ at }) => at > from).toSorted((a, b) => a.at - b.at)
    const others = news.filter(({ at, kind }) => at <= before && kind !== 'playbook')
    const hasMore = others.length > limit
    const all = news.filter(({ kind }) => kind !== 'playbook')
    const page = hasMore ? all.slice(0, limit) : others
    const end = hasMore ? (page.at(-1)?.at ?? from) : position
    const playbooks = news.filter(({ kind, at }) => kind === 'playbook' && at <= end)
    const gone = [...deleted].filter(([, at]) => at > from && at <= end)
    const active = this.playbook()
    return {
      serverCursor: `${branch}.${end}`,
      downstream: {
        playbook: {
          playbookId: 'pbk_yolo_grape' as Playbook['playbookId'],
          version: active?.version ?? 1,
          updatedAt: active?.updatedAt ?? this.#instant(),
        },
        observations: page.flatMap(({ kind, record }) =>
          kind === 'observation' ? [record as Observation] : [],
        ),
        recommendations: page.flatMap(({ kind, record }) =>
          kind === 'recommendation' ? [record as Recommendation] : [],
        ),
        hasMore,
        ...(playbooks.length > 0 && { playbooks: playbooks.map(({ record }) => record as Playbook) }),
        ...(gone.length > 0 && {
          deleted: gone.map(([key]) => {
            const [entityType, entityId] = key.split('/') as [Kind, string]
            return { entityType, entityId, at: this.#instant() }
          }),
        }),
        ...(!hasMore && this.hasHash && { stateHash: this.stateHash() }),
      },
    }
  }
}

type SyncConflictRecord = Observation | Recommendation | Playbook | PlaybookPatch
