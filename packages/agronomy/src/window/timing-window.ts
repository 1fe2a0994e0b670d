import type { PlaybookRule } from '@fieldsync/contracts'

/** From and until, in seconds since 1970. */
export type TimingWindow = { readonly startAt: number; readonly endAt: number }

type BaseWindow = PlaybookRule['timing']['baseWindowHours']

/** The reference and a rule's offsets, to whole seconds (AGR-3). */
export const offsetWindow = (reference: number, base: BaseWindow): TimingWindow => ({
  startAt: reference + Math.round(base.startOffsetHours * 3600),
  endAt: reference + Math.round(base.endOffsetHours * 3600),
})

/** A window moved by the adjustments that apply. */
export const shifted = (
  { startAt, endAt }: TimingWindow,
  shifts: readonly { readonly shiftStartMinutes: number; readonly shiftEndMinutes: number }[],
): TimingWindow => ({
  startAt: shifts.reduce((at, { shiftStartMinutes }) => at + shiftStartMinutes * 60, startAt),
  endAt: shifts.reduce((at, { shiftEndMinutes }) => at + shiftEndMinutes * 60, endAt),
})
