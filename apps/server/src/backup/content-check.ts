import { readCopyRows, type TablePart } from '@fieldsync/db'
import {
  canonicalRecord,
  type ChainHead,
  combineDigests,
  EMPTY_STATE_HASH,
  type HashedType,
  recordDigest,
  verifyChain,
} from '@fieldsync/domain'

import { BackupError, type BackupHead, sha256 } from './backup-format.ts'

/** What {@link ContentCheck} has found to be as the workspaces say. */
export type CheckedContent = {
  readonly workspaces: number
  readonly records: number
  readonly auditRows: number
}

type Place = { at: ChainHead; stateHash: string; readonly beginning: number }

/** The columns that the check reads, by table. */
const READ = {
  audit_entries: ['workspace_id', 'seq', 'hash', 'body'],
  observations: ['workspace_id', 'observation_id', 'document'],
  recommendations: ['workspace_id', 'recommendation_id', 'document'],
  playbooks: ['workspace_id', 'playbook_id', 'active_version'],
  playbook_versions: ['workspace_id', 'playbook_id', 'version', 'document'],
} as const
type ReadTable = keyof typeof READ

/**
 * Computes from the rows of a backup what its head says of each workspace (BAK-6): the chain of the audit up to its end, and the hash
 * of all records (HSH-1). Rows are taken in the order of the file, and not kept.
 */
export class ContentCheck {
  readonly #head: BackupHead
  readonly #places: ReadonlyMap<string, Place>
  readonly #columns: ReadonlyMap<string, readonly number[]>
  /** The active version of each playbook, which is a record. */
  readonly #active = new Map<string, string>()
  #records = 0
  #auditRows = 0

  constructor(head: BackupHead) {
    this.#head = head
    this.#places = new Map(
      head.workspaces.map(({ workspaceId, beginning }) => [
        workspaceId,
        { at: beginning, stateHash: EMPTY_STATE_HASH, beginning: beginning.seq },
      ]),
    )
    this.#columns = new Map(
      Object.entries(READ).map(([table, columns]) => {
        const described = head.tables.find(({ name }) => name === table)?.columns ?? []
        return [table, columns.map((column) => described.indexOf(column))]
      }),
    )
  }

  /** @throws BackupError where the rows contradict the chain */
  part({ table, bytes }: TablePart): void {
    if (!isRead(table)) return
    const wanted = this.#columns.get(table) ?? []
    for (const row of readCopyRows(bytes, wanted))
      this.#row(
        table,
        row.map((cell) => cell ?? ''),
      )
  }

  /** @throws BackupError where a workspace is not what the head says */
  finish(): CheckedContent {
    for (const { workspaceId, auditSeq, auditHash, stateHash } of this.#head.workspaces) {
      const place = this.#places.get(workspaceId)
      if (place?.at.seq !== auditSeq || place.at.hash !== auditHash)
        throw new BackupError(
          `the audit of ${workspaceId} ends with row ${place?.at.seq ?? 0}, and its head says ${auditSeq}`,
        )
      if (place.stateHash !== stateHash)
        throw new BackupError(`the records of ${workspaceId} do not have the hash that its head says`)
    }
    return { workspaces: this.#places.size, records: this.#records, auditRows: this.#auditRows }
  }

  #row(table: ReadTable, [workspaceId = '', ...cells]: readonly string[]): void {
    const place = this.#places.get(workspaceId)
    if (!place)
      throw new BackupError(`${table} has a row of ${workspaceId}, which is no workspace of the backup`)
    const [id = '', second = '', third = ''] = cells
    switch (table) {
      case 'audit_entries':
        return this.#auditRow(workspaceId, place, { seq: Number(id), hash: second, body: third })
      case 'observations':
        return this.#record(place, 'observation', id, second)
      case 'recommendations':
        return this.#record(place, 'recommendation', id, second)
      case 'playbooks':
        return void this.#active.set(`${workspaceId}/${id}`, second)
      case 'playbook_versions':
        if (this.#active.get(`${workspaceId}/${id}`) === second) this.#record(place, 'playbook', id, third)
    }
  }

  #auditRow(workspaceId: string, place: Place, row: { seq: number; hash: string; body: string }): void {
    // Rows that wait to be pruned lie before the beginning.
    if (row.seq <= place.beginning) return
    const verdict = verifyChain([row], place.at, sha256, workspaceId)
    if (!verdict.ok) throw new BackupError(`the audit of ${workspaceId} is broken: ${verdict.reason}`)
    place.at = { seq: verdict.seq, hash: verdict.hash }
    this.#auditRows++
  }

  #record(place: Place, type: HashedType, id: string, document: string): void {
    const record = canonicalRecord(JSON.parse(document) as object)
    place.stateHash = combineDigests(place.stateHash, recordDigest(type, id, record, sha256))
    this.#records++
  }
}

const isRead = (table: string): table is ReadTable => Object.hasOwn(READ, table)
