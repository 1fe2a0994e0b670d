/**
 * Why a store refused a call:
 * `unavailable` the platform has no such storage, or does not let this program have it ·
 * `newer_schema` a newer version of the app has written the store; this one must be updated or reloaded ·
 * `blocked` an older version of the app, still open elsewhere, keeps the store from being migrated ·
 * `busy` another process held the store for longer than anybody waits ·
 * `full` the disk or the quota is used up ·
 * `damaged` the file is no store, or not a whole one ·
 * `closed` the store was closed or deleted ·
 * `transaction_ended` the transaction was over when the call came, or waited for something that is none of its calls ·
 * `invalid_key` a key, prefix or limit that no store can hold.
 */
export type StoreErrorCode =
  | 'unavailable'
  | 'newer_schema'
  | 'blocked'
  | 'busy'
  | 'full'
  | 'damaged'
  | 'closed'
  | 'transaction_ended'
  | 'invalid_key'

/** What a {@link LocalStore} rejects with, besides the errors of its caller's own work (STO-13). */
export class StoreError extends Error {
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.code = code
  }
}
