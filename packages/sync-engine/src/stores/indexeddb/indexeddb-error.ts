import { StoreError, type StoreErrorCode } from '../../core/ports/store-error.ts'

const CODES: Readonly<Record<string, StoreErrorCode>> = {
  QuotaExceededError: 'full',
  DataError: 'damaged',
  NotReadableError: 'damaged',
  InvalidStateError: 'unavailable',
  SecurityError: 'unavailable',
  UnknownError: 'unavailable',
  AbortError: 'unavailable',
  TransactionInactiveError: 'transaction_ended',
}

/** What a failure of the browser's means to the caller; anything else as it is. */
export function storeError(error: unknown): unknown {
  if (!(error instanceof DOMException)) return error
  const code = CODES[error.name]
  if (code === undefined) return error
  const advice =
    code === 'full' ? 'there is no room left for this site; nothing of the transaction was kept: ' : ''
  return new StoreError(code, `${advice}${error.name}: ${error.message}`, { cause: error })
}
