/** A downstream page ends when its records reach about this many bytes (DWN rules). */
export const MAX_PAGE_BYTES = 4 * 1024 * 1024
