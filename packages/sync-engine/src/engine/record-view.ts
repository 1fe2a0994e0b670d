import type { Playbook, PlaybookPatch } from '@fieldsync/contracts'

import { listArrivals } from '../core/arrivals.ts'
import { type EngineContext, readOwn } from '../core/engine-context.ts'
import {
  type EntityDocuments,
  type EntityType,
  type LocalRecord,
  recordKey,
  type RecordStatus,
} from '../core/local-record.ts'
import type { ReadTransaction } from '../core/local-store.ts'
import { withUnsent } from '../core/patch-chain.ts'
import { shownDocument } from '../core/shown-document.ts'

/** A record as a person sees it. */
export type RecordView<T extends EntityType> = {
  id: string
  /**
   * The latest version on the device: the device's own where it has one, else the server's, else the one that the server
   * has lost. Of a playbook: the server's
   * with the patches that wait here, as far as they fit it.
   */
  document: EntityDocuments[T]
  /** What the server has; null where it has nothing. */
  server: EntityDocuments[T] | null
  status: RecordStatus
  /**
   * A version that the server had and no longer has (ENG-41): the whole record where `server` is null, else a later
   * version than the server's. Null for the others.
   */
  localOnly: EntityDocuments[T] | null
  /** How many corrections of it the server has lost for good (ENG-44). */
  lostCorrections: number
}

export type ListRecords = {
  /** Only records behind this id, in the direction of the listing. */
  after?: string
  reverse?: boolean
  /** Default 100. */
  limit?: number
}

type Source = Pick<
  EngineContext,
  'store' | 'deviceId' | 'address' | 'disownedBy' | 'actor' | 'grants' | 'fourEyes'
>

const DEFAULT_LIMIT = 100

export const readRecord = <T extends EntityType>(
  source: Source,
  type: T,
  id: string,
): Promise<RecordView<T> | null> =>
  readOwn<RecordView<T> | null>(source, null, async (transaction) => {
    const row = await transaction.get('records', recordKey(type, id))
    // A row lies under the key of its type.
    return row ? viewOf(source, transaction, row as LocalRecord<T>) : null
  })

/**
 * Records of a type in the order in which they first came to this device, whatever the clocks of their writers said
 * (ENG-56).
 *
 * @throws RangeError for `after` a record that is no longer on the device
 */
export const listRecords = <T extends EntityType>(
  source: Source,
  type: T,
  { after, reverse = false, limit = DEFAULT_LIMIT }: ListRecords = {},
): Promise<RecordView<T>[]> =>
  readOwn<RecordView<T>[]>(source, [], async (transaction) => {
    const page = { reverse, limit, ...(after !== undefined && { after }) }
    const ids = await listArrivals(transaction, type, page)
    const rows =
      ids === null
        ? await byId(transaction, type, page)
        : await transaction.getMany(
            'records',
            ids.map((id) => recordKey(type, id)),
          )
    const views: RecordView<T>[] = []
    for (const row of rows) {
      const view = row && (await viewOf(source, transaction, row as LocalRecord<T>))
      if (view) views.push(view)
    }
    return views
  })

/** In a store of an earlier version that nothing was written to yet. */
async function byId(
  transaction: ReadTransaction,
  type: EntityType,
  { after, ...page }: Required<Pick<ListRecords, 'reverse' | 'limit'>> & Pick<ListRecords, 'after'>,
): Promise<LocalRecord[]> {
  const behind = after === undefined ? {} : { after: recordKey(type, after) }
  const rows = await transaction.list('records', { prefix: recordKey(type, ''), ...page, ...behind })
  return rows.map(([, row]) => row)
}

async function viewOf<T extends EntityType>(
  { actor, grants, fourEyes = false }: Source,
  transaction: ReadTransaction,
  record: LocalRecord<T>,
): Promise<RecordView<T> | null> {
  const { type, id, server, status, queued, localOnly = null, lostCorrections = 0 } = record
  const document = shownDocument(record)
  // A playbook that is only known by a patch on it has nothing to show.
  if (document === null) return null
  if (type !== 'playbook' || queued.length === 0)
    return { id, document, server, status, localOnly, lostCorrections }
  const entries = await transaction.getMany('outbox', queued)
  // A playbook's queue lists patches alone.
  const patches = entries.flatMap((entry) => (entry && !entry.asks ? [entry.document as PlaybookPatch] : []))
  const shown = withUnsent({ actor, grants, fourEyes }, document as Playbook, patches) as EntityDocuments[T]
  return { id, document: shown, server, status, localOnly, lostCorrections }
}
