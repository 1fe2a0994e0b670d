import { isEmpty } from '../model/blank-record.ts'
import {
  type EntityDocuments,
  type EntityType,
  type LocalRecord,
  recordKey,
  type RecordStatus,
} from '../model/local-record.ts'
import type { LocalStore } from '../ports/local-store.ts'

/** A record as a person sees it. */
export type RecordView<T extends EntityType> = {
  id: string
  /** The latest version on the device: the device's own where it has one, else the server's. */
  document: EntityDocuments[T]
  /** What the server has, where that is something else. */
  server: EntityDocuments[T] | null
  status: RecordStatus
}

export type ListRecords = {
  /** Only records behind this id, in the direction of the listing. */
  after?: string
  reverse?: boolean
  /** Default 100. */
  limit?: number
}

const DEFAULT_LIMIT = 100

export async function readRecord<T extends EntityType>(
  store: LocalStore,
  type: T,
  id: string,
): Promise<RecordView<T> | null> {
  const row = await store.read((transaction) => transaction.get('records', recordKey(type, id)))
  // A row lies under the key of its type.
  return row ? viewOf(row as LocalRecord<T>) : null
}

/** Records of a type in the order of their ids: by day, and for ids of this engine by the moment they were made. */
export async function listRecords<T extends EntityType>(
  store: LocalStore,
  type: T,
  { after, reverse = false, limit = DEFAULT_LIMIT }: ListRecords = {},
): Promise<RecordView<T>[]> {
  const rows = await store.read((transaction) =>
    transaction.list('records', {
      prefix: recordKey(type, ''),
      limit,
      reverse,
      ...(after !== undefined && { after: recordKey(type, after) }),
    }),
  )
  return rows.flatMap(([, row]) => viewOf(row as LocalRecord<T>) ?? [])
}

function viewOf<T extends EntityType>({
  id,
  local,
  server,
  status,
  ...rest
}: LocalRecord<T>): RecordView<T> | null {
  const document = local ?? server
  // A playbook that is only known by a patch on it has nothing to show.
  if (document === null || isEmpty({ id, local, server, status, ...rest })) return null
  return { id, document, server, status }
}
