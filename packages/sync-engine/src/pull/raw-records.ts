import type { SyncBatchResponse } from '@fieldsync/contracts'

/**
 * An answer's records as they came, with what a newer server may have added: the state hash is over these (HSH-1). Keys
 * that this version knows are read from the checked copies.
 */
export type RawRecords = {
  observations: readonly object[]
  recommendations: readonly object[]
  playbooks: readonly object[]
  /** Of each conflict the record that won, and the playbook to rebase on. */
  conflicts: readonly { winner: object | undefined; playbook: object | undefined }[]
}

/** @param raw an answer that has passed its schema */
export const rawRecords = ({ downstream, conflicts }: SyncBatchResponse): RawRecords => ({
  observations: downstream.observations,
  recommendations: downstream.recommendations,
  playbooks: downstream.playbooks ?? [],
  conflicts: conflicts.map(({ server, playbook }) => ({
    winner: server?.record,
    playbook: playbook?.document,
  })),
})
