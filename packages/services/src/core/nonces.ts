import { createHmac, timingSafeEqual } from 'node:crypto'

import { derivedKey, type Peppers } from './derived-key.ts'

const PERIOD_MS = 60_000
/** A nonce is valid for this many periods after its own: for ten minutes at least. */
const VALID_PERIODS = 10
/** Another server's clock may be this many periods ahead. */
const AHEAD = 1
const MAC_BYTES = 16
/** Proofs in memory, of a hundred bytes each. */
const MAX_PROOFS = 200_000

/** A nonce that this server, or another one of its database, has given out, by its period. */
export type KnownNonce = number

/** What a proof came to: it counts once; `full`: there is no room to remember it. */
export type ProofUse = 'new' | 'replayed' | 'full'

/** Where the proofs that were used are in memory: here, or in the one process that remembers them for all of a server. */
export type ProofMemory = {
  /**
   * Counts a proof, by its nonce.
   * @param id of the key and the proof's `jti` together, so that nobody can use up another's
   */
  use(period: KnownNonce, id: string, now: Date): ProofUse | Promise<ProofUse>
}

/**
 * The nonces of proofs of possession (RFC 9449, section 8), and the proofs that this process has seen (ACC-17). A nonce is
 * its period and a MAC under a key derived from the pepper, so that every server knows those of all others, and stores
 * none; those of a previous pepper are accepted too (ACC-22). What is remembered is bounded: when it is full, the oldest nonces end early.
 */
export class Nonces implements ProofMemory {
  readonly #keys: readonly Buffer[]
  readonly #maxProofs: number
  readonly #proofs = new Map<KnownNonce, Set<string>>()
  /** The nonce of each period under each key. */
  readonly #texts = new Map<KnownNonce, readonly string[]>()
  #size = 0
  /** The first period whose nonces are accepted. */
  #first = 0

  constructor(peppers: Peppers, maxProofs = MAX_PROOFS) {
    this.#keys = peppers.map((pepper) => derivedKey(pepper, 'nonce'))
    this.#maxProofs = maxProofs
  }

  /** The nonce for the next proof. */
  current(now: Date): string {
    return this.#textsOf(periodOf(now))[0] ?? ''
  }

  /** The period of a nonce; undefined for one that was never given out, or is too old. */
  known(nonce: string, now: Date): KnownNonce | undefined {
    const [written = ''] = nonce.split('.', 1)
    const period = /^[0-9a-z]{1,8}$/.test(written) ? Number.parseInt(written, 36) : Number.NaN
    const present = periodOf(now)
    const isRecent = period >= Math.max(this.#first, present - VALID_PERIODS) && period <= present + AHEAD
    return isRecent && this.#textsOf(period).some((text) => isEqual(nonce, text)) ? period : undefined
  }

  use(period: KnownNonce, id: string, now: Date): ProofUse {
    this.#forgetBefore(periodOf(now) - VALID_PERIODS)
    if (period < this.#first) return 'full'
    const seen = this.#proofs.get(period) ?? new Set()
    if (seen.has(id)) return 'replayed'
    if (this.#size >= this.#maxProofs && !this.#endOldest(period)) return 'full'
    this.#proofs.set(period, seen.add(id))
    this.#size++
    return 'new'
  }

  /** Proofs in memory. */
  get size(): number {
    return this.#size
  }

  #endOldest(besides: KnownNonce): boolean {
    const oldest = Math.min(...this.#proofs.keys())
    if (oldest >= besides) return false
    this.#forgetBefore(oldest + 1)
    return true
  }

  #forgetBefore(first: KnownNonce): void {
    if (first <= this.#first) return
    this.#first = first
    for (const [period, seen] of this.#proofs) {
      if (period >= first) continue
      this.#size -= seen.size
      this.#proofs.delete(period)
    }
    for (const period of this.#texts.keys()) if (period < first) this.#texts.delete(period)
  }

  #textsOf(period: KnownNonce): readonly string[] {
    const known = this.#texts.get(period)
    if (known) return known
    const written = period.toString(36)
    const texts = this.#keys.map((key) => {
      const mac = createHmac('sha256', key).update(written).digest().subarray(0, MAC_BYTES)
      return `${written}.${mac.toString('base64url')}`
    })
    this.#texts.set(period, texts)
    return texts
  }
}

const periodOf = (now: Date): KnownNonce => Math.floor(now.getTime() / PERIOD_MS)

function isEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
