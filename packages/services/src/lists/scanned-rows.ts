/**
 * How many rows one page of a narrowed list looks at: a page may hold fewer than it was asked for, none too, and still
 * lead on, so that its cost is bounded however rare the records are that it looks for (OPS-29).
 */
export const SCANNED_ROWS = 5000
