/** A page, of the downstream or of a list, ends when its records reach about this many bytes (DWN-1, OPS-17). */
export const MAX_PAGE_BYTES = 4 * 1024 * 1024
