/**
 * An answer as the exact JSON text that the database gave. REST sends `text` as it is; JSON.stringify (tRPC) sees
 * the value, and so does the client's type.
 */
export class JsonText<T> {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toJSON(): T {
    // The text was written by this server from a value of T.
    return JSON.parse(this.text) as T
  }
}

/** A stored answer: `replayed` when the write had been carried out before (IDM rules). */
export type Replayable<T> = { document: JsonText<T>; replayed: boolean }

/** One page of a list, newest first; `nextCursor` is null at the end. */
export type Page<T> = { items: JsonText<T[]>; nextCursor: string | null }
