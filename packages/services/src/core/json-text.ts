import { hash } from 'node:crypto'

import type { Sha256 } from '@fieldsync/domain'

/**
 * An answer as the exact JSON text that the database gave. REST sends it as it is; JSON.stringify (tRPC) sees the
 * value, and so does the client's type.
 */
export class JsonText<T> {
  /** The text in order, a record in one piece. A megabyte that is never put together costs half as much to send. */
  readonly pieces: readonly string[]

  constructor(...pieces: readonly string[]) {
    this.pieces = pieces
  }

  get text(): string {
    return this.pieces.join('')
  }

  toJSON(): T {
    // The text was written by this server from a value of T.
    return JSON.parse(this.text) as T
  }
}

/** JSON texts with a comma between each two. */
export const separated = (texts: readonly string[]): string[] =>
  texts.flatMap((text, i) => (i === 0 ? [text] : [',', text]))

/** A stored answer: `replayed` when the write had been carried out before (IDM rules). */
export type Replayable<T> = { document: JsonText<T>; replayed: boolean }

/** One page of a list, newest first; `nextCursor` is null at the end. */
export type Page<T> = { items: JsonText<T[]>; nextCursor: string | null }

export const sha256: Sha256 = (text) => hash('sha256', text, 'hex')
