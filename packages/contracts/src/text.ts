import { z } from 'zod'

/** Longest id or key, in Unicode code points, as all lengths here (SHP-2). */
export const MAX_ID_LENGTH = 128
/** Longest short text: everything that is not a note or a transcript. */
export const MAX_SHORT_TEXT = 512
/** Longest note or transcript. */
export const MAX_NOTE_TEXT = 20_000
/** Longest array inside a record. */
export const MAX_INNER_ARRAY = 200

// With the flag, the halves of a complete pair do not match.
const LONE_SURROGATES = /\p{Surrogate}/gu

// Browsers of 2023 lack the native method, which is a hundred times as fast.
const isWellFormed = (text: string): boolean =>
  'isWellFormed' in String.prototype ? text.isWellFormed() : text.search(LONE_SURROGATES) < 0

/** PostgreSQL stores neither NUL nor lone surrogates, and hashes over them are undefined. */
export const isStorableText = (text: string): boolean => isWellFormed(text) && !text.includes('\0')

/**
 * A text that can be stored: NUL and lone surrogates, which cannot be typed or displayed, are replaced by `instead`.
 */
export const storableText = (text: string, instead = ''): string =>
  isStorableText(text) ? text : text.replace(LONE_SURROGATES, instead).replaceAll('\0', instead)

/** The codes of our own checks, in the `params` of their zod issues; a check's code never changes. */
export type RefinementCode = 'unstorable_text' | 'too_many_rules'

/** What a check of our own reports: the message that goes over the wire, and its code for programs. */
export const breaking = (code: RefinementCode, error: string) => ({ error, params: { code } })

/** The breach of {@link isStorableText}. */
export const UNSTORABLE = breaking('unstorable_text', 'must be valid Unicode without NUL')

const text = (min: number, max: number) => z.string().min(min).max(max).refine(isStorableText, UNSTORABLE)

/** Short text that may be empty. */
export const ShortText = text(0, MAX_SHORT_TEXT)
/** Short text of at least one character. */
export const RequiredText = text(1, MAX_SHORT_TEXT)
/** A note or transcript of at least one character. */
export const NoteText = text(1, MAX_NOTE_TEXT)
/** An id without a format of its own, such as a `syncId` minted by a client. Case-sensitive. */
export const OpaqueId = text(1, MAX_ID_LENGTH)

/** An array inside a record; bounded so that one record cannot fill memory. */
export const innerArray = <T extends z.ZodType>(item: T, min = 0) =>
  z.array(item).min(min).max(MAX_INNER_ARRAY)
