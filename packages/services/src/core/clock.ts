/** The time of day as an input, so that tests can set it. */
export type Clock = { now(): Date }

export const systemClock: Clock = { now: () => new Date() }

/** The clock's time in microseconds since the epoch, the unit of effective times. */
export const nowMicros = (now: Date): number => now.getTime() * 1000
