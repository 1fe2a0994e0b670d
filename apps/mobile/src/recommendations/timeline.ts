/** Where a window lies in the stretch of time that is drawn, as shares of its width; instants are milliseconds since 1970. */
export type Timeline = {
  readonly from: number
  readonly until: number
  readonly start: number
  readonly width: number
  /** Null where it is not on the drawing. */
  readonly now: number | null
}

/** Beside the window, so that it never fills the whole drawing. */
const MARGIN = 0.15
/** A window further away than so many of its lengths would be a dot: then the present is left out. */
const MOST_LENGTHS = 12
/** Where a record's window has no length, or ends before it begins. */
const LEAST_MS = 60_000

/** The drawing of a window: with the present in it where that is near enough. */
export function timelineOf(startAt: number, endAt: number, now: number): Timeline {
  const length = Math.max(endAt - startAt, LEAST_MS)
  const end = startAt + length
  const isNear = now > startAt - MOST_LENGTHS * length && now < end + MOST_LENGTHS * length
  const first = isNear ? Math.min(startAt, now) : startAt
  const last = isNear ? Math.max(end, now) : end
  const margin = MARGIN * length
  const [from, until] = [first - margin, last + margin]
  const share = (at: number): number => (at - from) / (until - from)
  return {
    from,
    until,
    start: share(startAt),
    width: share(end) - share(startAt),
    now: isNear ? share(now) : null,
  }
}
