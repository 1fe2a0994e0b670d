import { type Observation, type Playbook, type Recommendation, WorkspaceId } from '@fieldsync/contracts'
import type { Actor } from '@fieldsync/domain'

import { createResolutions, type Resolutions } from '../conflict/resolutions.ts'
import { completeOrder } from '../core/arrivals.ts'
import { Changeset } from '../core/changeset.ts'
import { type EngineContext, readOwn } from '../core/engine-context.ts'
import type { EngineEvent } from '../core/engine-events.ts'
import { queueNumbers, readMeta } from '../core/engine-meta.ts'
import { DEFAULT_SETTINGS, type SyncEngineOptions } from '../core/engine-options.ts'
import type { EngineStatus } from '../core/engine-status.ts'
import { foreignStore } from '../core/foreign-store.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import type { EntityType, RecordStatus, WritableType } from '../core/local-record.ts'
import type { EditOptions } from '../core/merge-edit.ts'
import type { ObservationDraft } from '../core/observation-draft.ts'
import type { PreviewOutcome, RefusedWrite, SaveOutcome } from '../core/save-outcome.ts'
import { createLocalOnly, type LocalOnly } from '../recover/resend-local-only.ts'
import { correctObservation, type ObservationChange } from '../write/correct-observation.ts'
import { type PatchDraft, patchPlaybook, previewPatch } from '../write/patch-playbook.ts'
import { previewObservation, saveObservation } from '../write/save-observation.ts'
import {
  previewRecommendation,
  type RecommendationDraft,
  saveRecommendation,
} from '../write/save-recommendation.ts'
import { emptyExport, type ExportedQueue, exportQueue } from './export-queue.ts'
import { adoptStore } from './open-session.ts'
import { type ListRecords, listRecords, readRecord, type RecordView } from './record-view.ts'
import { StatusBoard } from './status-board.ts'
import { SyncDriver } from './sync-driver.ts'
import { Triggers } from './triggers.ts'

/** The client engine: keeps what the device writes, and brings it and the server together. */
export type SyncEngine = {
  /** Begins to sync by itself: at once, after writes, with the timer, and when the network or the server says so. */
  start: () => void
  /** Ends at once and gives up what is under way, which goes out again as it is. Resolves when nothing runs any more. */
  stop: () => Promise<void>
  /**
   * One sync now, started or not; resolves with the status when it has ended. Never rejects. One that fails for now is
   * tried again at `nextTryAt`, which keeps a Node program running until {@link SyncEngine.stop}.
   */
  sync: () => Promise<EngineStatus>
  /** The app came to the foreground. */
  foreground: () => void
  /** The device has another credential. */
  credentialsChanged: () => void
  /** As last seen; {@link SyncEngine.load} looks into the store. */
  status: () => EngineStatus
  /** Reads the numbers from the store, for a program that has just begun. */
  load: () => Promise<EngineStatus>
  /** Calls back for every event; the returned function ends that. */
  subscribe: (listener: (event: EngineEvent) => void) => () => void

  /**
   * Stores a new observation, or an edit of one. An edit names the version that it started from by `basedOn`: what
   * differs from it is applied to the newest version on the device (ENG-37). A draft that names none has to be a copy of
   * the newest, with its `updatedAt` or checksum; any other is refused (ENG-39).
   */
  saveObservation: (
    draft: ObservationDraft,
    options?: EditOptions<Observation>,
  ) => Promise<SaveOutcome<'observation'>>
  saveRecommendation: (
    draft: RecommendationDraft,
    options?: EditOptions<Recommendation>,
  ) => Promise<SaveOutcome<'recommendation'>>
  patchPlaybook: (draft: PatchDraft, options?: EditOptions<Playbook>) => Promise<SaveOutcome<'playbookPatch'>>
  /** Changes a confirmed observation, with a reason: only what `changes` names, and of that only what differs from `basedOn`. */
  correct: (
    observationId: string,
    changes: ObservationChange,
    reason: string,
    options?: EditOptions<Observation>,
  ) => Promise<SaveOutcome<'observation'>>
  /** What saving would say, without saving. */
  preview: {
    observation: (draft: ObservationDraft, options?: EditOptions<Observation>) => Promise<PreviewOutcome>
    recommendation: (
      draft: RecommendationDraft,
      options?: EditOptions<Recommendation>,
    ) => Promise<PreviewOutcome>
    patch: (draft: PatchDraft, options?: EditOptions<Playbook>) => Promise<PreviewOutcome>
  }

  record: <T extends EntityType>(type: T, id: string) => Promise<RecordView<T> | null>
  records: <T extends EntityType>(type: T, options?: ListRecords) => Promise<RecordView<T>[]>
  /** Null for a record that is not on the device. */
  recordStatus: (type: EntityType, id: string) => Promise<RecordStatus | null>

  /** What waits for a person, quarantined writes included, oldest first for each record. */
  conflicts: (options?: { after?: string; limit?: number }) => Promise<LocalConflict[]>
  /** One of them by its id; null once it is resolved. */
  conflict: (id: string) => Promise<LocalConflict | null>
  /** Those of one record, oldest first. */
  conflictsOf: (type: WritableType, id: string) => Promise<LocalConflict[]>
  /** One call each, by the conflict's id. */
  resolve: Resolutions
  /** Records, and versions of records, that the server had and no longer has (ENG-41). */
  localOnly: LocalOnly
  exportQueue: () => Promise<ExportedQueue>
  /** The newest checkpoint of the server's audit that this device was given, as a signed note; null before the first (ENG-85). */
  checkpoint: () => Promise<string | null>
  /** What a person may do about a store of another owner, where `status().foreign` says so (ENG-35). */
  foreign: {
    /** Everything in it that no server has. */
    export: () => Promise<ExportedQueue>
    /** Makes it this workspace's: what is unsent goes there. Refused for the store of another device. */
    adopt: () => Promise<{ ok: true } | RefusedWrite>
  }
}

/** Makes an engine on a store. It does nothing before it is started or asked. */
export function createSyncEngine(options: SyncEngineOptions): SyncEngine {
  const { store } = options
  const board = new StatusBoard(options.onListenerError)
  const { deviceId } = options.device()
  const context: EngineContext = {
    store,
    clock: options.clock,
    ids: options.ids,
    sha256: options.sha256,
    settings: { ...DEFAULT_SETTINGS, ...options.settings },
    deviceId,
    address: options.transport.address,
    session: { isDue: true },
    disownedBy: null,
    get actor() {
      return actorOf(options)
    },
    get grants() {
      return options.grants?.()
    },
    get fourEyes() {
      return options.fourEyes?.() ?? false
    },
    stored: (queue, position) => board.count(queue, position),
    ownership: (foreign) => {
      const before = board.status.foreign
      board.set({ foreign })
      if (foreign && board.status.foreign !== before) board.emit({ kind: 'foreignStore', foreign })
    },
    wiping: ({ step, unsentDeleted, workspaceName }) => {
      const before = board.status.wipe
      const wipe = { step, unsentDeleted, workspaceName }
      board.set({ wipe, ...NOTHING_STORED })
      if (board.status.wipe !== before) board.emit({ kind: 'wipe', wipe })
    },
    emit: (event) => board.emit(event),
  }
  const driver = new SyncDriver(options, context, (change) => board.set(change))
  const triggers = new Triggers(options, context, (trigger) => driver.handle(trigger))
  const recount = () => recountFrom(context, board)

  return {
    start: () => triggers.start(recount),
    stop: async () => {
      triggers.stop()
      driver.handle('stop')
      await driver.settled()
    },
    sync: async () => {
      driver.handle('manual')
      await driver.settled()
      return board.status
    },
    foreground: () => driver.handle('foreground'),
    credentialsChanged: () => {
      context.session.isDue = true
      driver.handle('credentials_changed')
    },
    status: () => board.status,
    load: async () => {
      await completeOrder(store, options.clock.now())
      await recount()
      return board.status
    },
    subscribe: (listener) => board.subscribe(listener),

    saveObservation: (draft, edit) => triggers.afterWrite(saveObservation(context, draft, edit)),
    saveRecommendation: (draft, edit) => triggers.afterWrite(saveRecommendation(context, draft, edit)),
    patchPlaybook: (draft, edit) => triggers.afterWrite(patchPlaybook(context, draft, edit)),
    correct: (observationId, changes, reason, edit) =>
      triggers.afterWrite(correctObservation(context, observationId, changes, reason, edit)),
    preview: {
      observation: (draft, edit) => previewObservation(context, draft, edit),
      recommendation: (draft, edit) => previewRecommendation(context, draft, edit),
      patch: (draft, edit) => previewPatch(context, draft, edit),
    },

    record: (type, id) => readRecord(context, type, id),
    records: (type, list) => listRecords(context, type, list),
    recordStatus: async (type, id) => (await readRecord(context, type, id))?.status ?? null,

    conflicts: ({ after = '', limit = 100 } = {}) =>
      readOwn<LocalConflict[]>(context, [], async (transaction) =>
        (await transaction.list('conflicts', { after, limit })).map(([, conflict]) => conflict),
      ),
    conflict: (id) =>
      readOwn<LocalConflict | null>(
        context,
        null,
        async (transaction) => (await transaction.get('conflicts', id)) ?? null,
      ),
    conflictsOf: (type, id) =>
      readOwn<LocalConflict[]>(context, [], async (transaction) =>
        (await Changeset.open(transaction, context.sha256)).conflictsOf(type, id),
      ),
    resolve: createResolutions(context, (write) => triggers.afterWrite(write)),
    localOnly: createLocalOnly(context, (write) => triggers.afterWrite(write)),
    exportQueue: () =>
      readOwn(context, emptyExport(context), (transaction) => exportQueue(context, transaction)),
    checkpoint: () =>
      readOwn<string | null>(context, null, async (transaction) => {
        const [checkpoint] = await readMeta(transaction, ['checkpoint'])
        return checkpoint ?? null
      }),
    foreign: {
      export: () => store.read((transaction) => exportQueue(context, transaction)),
      adopt: async () => {
        const outcome = await adoptStore(context)
        if (outcome.ok) {
          context.session.isDue = true
          await recount()
          driver.handle('manual')
        }
        return outcome
      },
    },
  }
}

// The workspace follows from the credential and says nothing to the rules on a device.
const THIS_WORKSPACE = WorkspaceId.parse('this')

const actorOf = ({ device, role }: SyncEngineOptions): Actor => ({
  kind: 'device',
  workspaceId: THIS_WORKSPACE,
  deviceId: device().deviceId,
  role: (typeof role === 'function' ? role() : role) ?? 'agronomist',
})

const NOTHING_STORED = { pending: 0, conflicts: 0, quarantined: 0, localOnly: 0, foreign: null }

/** Another tab may have written: its numbers are ours too. */
async function recountFrom(context: EngineContext, board: StatusBoard): Promise<void> {
  const [queue, position, contact, wipe] = await context.store.read((transaction) =>
    readMeta(transaction, ['queue', 'position', 'contact', 'wipe']),
  )
  if (wipe) return context.wiping(wipe)
  context.ownership(foreignStore(context, position, contact))
  if (queue && position) board.count(queueNumbers(queue), position)
}
