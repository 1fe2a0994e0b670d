import type { ConflictCode } from '@fieldsync/contracts'

/** A batch of records that took effect. */
export type AppliedBatch = {
  /** Records that it sent. */
  readonly records: number
  /** How many conflicts of each code it came to. */
  readonly conflicts: Readonly<Partial<Record<ConflictCode, number>>>
}

/** A credential, a code or a sign-in that was refused. */
export type RefusedCredential = { readonly kind: string; readonly reason: string }

/**
 * What a server counts of its work beside its requests (MON-3). Its composition supplies it; a runtime without one counts
 * nothing. Each call is cheap, asks nobody and does not throw.
 */
export type Telemetry = {
  batchApplied(batch: AppliedBatch): void
  /**
   * Writes were sent to the database together, those of a held workspace once more when they wait for it.
   * @param waits how long each had waited for its turn, milliseconds
   * @param ms how long the database took
   */
  committedTogether(waits: readonly number[], ms: number): void
  credentialRefused(refused: RefusedCredential): void
}

/**
 * A span of a trace: work that begins and ends (MON-9). What a span says of its work are names and numbers, never what
 * people wrote.
 */
export type Span = {
  child(name: string): Span
  rename(name: string): void
  set(attributes: Readonly<Record<string, string | number>>): void
  /** Ends it, once: a second call changes nothing. */
  end(error?: unknown): void
}

/** Runs work in a span of its own; without a parent it runs all the same. */
export async function inSpan<T>(parent: Span | undefined, name: string, work: () => Promise<T>): Promise<T> {
  if (!parent) return await work()
  const span = parent.child(name)
  try {
    const result = await work()
    span.end()
    return result
  } catch (error) {
    span.end(error)
    throw error
  }
}
