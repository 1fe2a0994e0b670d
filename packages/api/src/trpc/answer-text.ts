/** An answer that is already JSON text, as a client's types see it: `toJSON` gives what arrives. */
export type AnswerText<T> = { readonly text: string; toJSON(): T }

/** One page of a list, the same way; `nextCursor` is null at the end. */
export type AnswerPage<T> = { readonly items: AnswerText<T[]>; readonly nextCursor: string | null }
