import type { StoreTable } from '../../core/local-store.ts'
import type { KeyRange } from './key-range.ts'

export type MaybePromise<T> = T | Promise<T>

/**
 * What an adapter makes of one of its platform's transactions: plain calls on JSON text. They come one at a time, in
 * order, with checked keys and never an empty list; {@link runTransaction} sees to that and to everything else that
 * the port promises.
 */
export interface TextTransaction {
  /** In the order of `keys`. */
  getMany(table: StoreTable, keys: readonly string[]): MaybePromise<readonly (string | undefined)[]>
  list(table: StoreTable, range: KeyRange): MaybePromise<readonly (readonly [key: string, text: string])[]>
  /** Without regard to the range's limit. */
  count(table: StoreTable, range: KeyRange): MaybePromise<number>
  /** Of equal keys the last one counts. */
  putMany(table: StoreTable, entries: readonly (readonly [key: string, text: string])[]): MaybePromise<void>
  delete(table: StoreTable, keys: readonly string[]): MaybePromise<void>
  clear(table: StoreTable): MaybePromise<void>
  /**
   * Calls back in a later turn of the event loop, once everything that waited only for calls that were answered by now
   * has gone on. The platform's transaction stays open until then.
   * @returns a function that calls it off
   */
  laterTurn(callback: () => void): () => void
}

/** A later turn where the platform has no better idea of one. */
export function laterTurnByTimer(callback: () => void): () => void {
  const timer = setTimeout(callback, 0)
  return () => clearTimeout(timer)
}
