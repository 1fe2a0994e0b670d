import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto'

import { EcPublicJwk, TOKEN_AUDIENCES } from '@fieldsync/contracts'
import { type Database, inTransaction, type Queryable } from '@fieldsync/db'
import { type CryptoKey, exportJWK, exportPKCS8, generateKeyPair, importPKCS8 } from 'jose'

import { derivedKey, type Peppers } from './derived-key.ts'
import { ES256, importPublicKey } from './es256.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** A new key is published for this long before it signs, so that every server has it by then. */
const PUBLISHED_AHEAD_MS = 15 * MINUTE_MS
const REPLACED_AFTER_MS = 90 * DAY_MS
/** A key is accepted for this long after the next one has begun to sign: longer than any token of it. */
const ACCEPTED_AFTER_MS = TOKEN_AUDIENCES.api.seconds * 1000 + 60 * MINUTE_MS
/** How old what is known of the table may be. */
const REFRESH_MS = MINUTE_MS
/** An unknown key is looked up at most this often: anyone can name one. */
const UNKNOWN_KEY_MS = 5000

/** Of all servers, one creates a key at a time. */
const SIGNING_KEYS_LOCK = 72707371

type KeyRow = { kid: string; publicJwk: unknown; sealed: Buffer; activeFrom: Date }
type KnownKey = {
  readonly kid: string
  readonly jwk: EcPublicJwk
  readonly publicKey: CryptoKey
  /** Undefined where it was encrypted under another pepper. */
  readonly privateKey: CryptoKey | undefined
  readonly activeFrom: number
  /** As it was read: servers whose present pepper is another one encrypt it again. */
  readonly sealed: Buffer
}

/** A public key as `/oauth/jwks` lists it. */
export type PublishedKey = EcPublicJwk & { readonly kid: string; readonly alg: string; readonly use: 'sig' }

const KEYS = `SELECT kid, public_jwk AS "publicJwk", sealed, active_from AS "activeFrom"
  FROM signing_keys ORDER BY active_from, kid`

/**
 * The keys that sign access tokens (ACC-18): in the database, for all servers of it, with the private halves encrypted under a
 * key derived from the pepper. A key signs for 90 days; the next one is published a quarter of an hour before it signs. One
 * that was encrypted under a previous pepper is encrypted under the present one when it is read (ACC-22).
 */
export class SigningKeys {
  readonly #db: Database
  /** The first encrypts; the others open what was encrypted under a previous pepper. */
  readonly #sealingKeys: readonly Buffer[]
  #keys: readonly KnownKey[] = []
  #readAt = Number.NEGATIVE_INFINITY
  #reading: Promise<void> | undefined

  constructor({ db, peppers }: { db: Database; peppers: Peppers }) {
    this.#db = db
    this.#sealingKeys = peppers.map((pepper) => derivedKey(pepper, 'signing-key'))
  }

  /** The key that signs now; the first one, and the next one when it is time, are created here. */
  async signing(now: Date): Promise<{ kid: string; privateKey: CryptoKey }> {
    await this.#refresh(now, REFRESH_MS)
    if (this.#isDue(now)) {
      await this.#create(now)
      await this.#refresh(now, 0)
    }
    const key = this.#keys.findLast((each) => each.privateKey && each.activeFrom <= now.getTime())
    if (!key?.privateKey) throw new Error('there is no key that signs access tokens')
    return { kid: key.kid, privateKey: key.privateKey }
  }

  /** The key of this name; undefined where no server of this database has it. */
  async publicKey(kid: string, now: Date): Promise<CryptoKey | undefined> {
    const find = (): CryptoKey | undefined => this.#keys.find((key) => key.kid === kid)?.publicKey
    await this.#refresh(now, REFRESH_MS)
    const found = find()
    if (found) return found
    await this.#refresh(now, UNKNOWN_KEY_MS)
    return find()
  }

  /** The keys whose tokens are or will be accepted, for others to verify with. */
  async published(now: Date): Promise<readonly PublishedKey[]> {
    await this.signing(now)
    return this.#keys.map(({ kid, jwk }) => ({ ...jwk, kid, alg: ES256, use: 'sig' }))
  }

  /** Whether there are keys, and none of them was encrypted under a pepper of this server. */
  async areForeign(now: Date): Promise<boolean> {
    await this.#refresh(now, REFRESH_MS)
    return this.#keys.length > 0 && this.#keys.every((key) => !key.privateKey)
  }

  #isDue(now: Date): boolean {
    const newest = this.#keys.findLast((key) => key.privateKey)
    return newest === undefined || newest.activeFrom + REPLACED_AFTER_MS <= now.getTime()
  }

  async #refresh(now: Date, maxAgeMs: number): Promise<void> {
    if (now.getTime() - this.#readAt < maxAgeMs) return
    this.#reading ??= this.#read(now).finally(() => (this.#reading = undefined))
    await this.#reading
  }

  async #read(now: Date): Promise<void> {
    const { rows } = await this.#db.pool.query<KeyRow>({ name: 'signing_keys', text: KEYS })
    const known = await Promise.all(rows.map((row) => this.#known(row)))
    const replacedBy = (index: number): number => known[index + 1]?.activeFrom ?? Number.POSITIVE_INFINITY
    this.#keys = known.filter((_, index) => now.getTime() < replacedBy(index) + ACCEPTED_AFTER_MS)
    this.#readAt = now.getTime()
  }

  async #known(row: KeyRow): Promise<KnownKey> {
    const before = this.#keys.find(({ kid }) => kid === row.kid)
    if (before?.sealed.equals(row.sealed)) return before
    const opened = this.#opened(row)
    if (opened?.isOutdated) await this.#reseal(row, opened.pkcs8)
    // Another server has encrypted it under its own pepper, which may be one that is not known here.
    if (before && (before.privateKey || !opened)) return { ...before, sealed: row.sealed }
    const jwk = EcPublicJwk.parse(row.publicJwk)
    return {
      kid: row.kid,
      jwk,
      publicKey: await importPublicKey(jwk),
      privateKey: opened && (await importPKCS8(opened.pkcs8, ES256)),
      activeFrom: row.activeFrom.getTime(),
      sealed: row.sealed,
    }
  }

  async #create(now: Date): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair(ES256, { extractable: true })
    const { kty, crv, x, y } = await exportJWK(publicKey)
    const publicJwk = EcPublicJwk.parse({ kty, crv, x, y })
    const kid = randomUUID()
    const sealed = this.#sealed(kid, await exportPKCS8(privateKey))
    const usable = this.#keys.filter((key) => key.privateKey)
    const activeFrom = new Date(now.getTime() + (usable.length === 0 ? 0 : PUBLISHED_AHEAD_MS))
    const newest = usable.at(-1)?.kid ?? null
    await inTransaction(this.#db, async (connection: Queryable) => {
      await connection.query('SELECT pg_advisory_xact_lock($1)', [SIGNING_KEYS_LOCK])
      // Another server may have been faster: its key is the next one.
      await connection.query(
        `INSERT INTO signing_keys (kid, public_jwk, sealed, created_at, active_from)
           SELECT $1, $2, $3, $4, $5
            WHERE $7 OR $6::text IS NOT DISTINCT FROM (SELECT kid FROM signing_keys ORDER BY active_from DESC, kid DESC LIMIT 1)`,
        [kid, publicJwk, sealed, now, activeFrom, newest, usable.length < this.#keys.length],
      )
      await connection.query(
        `DELETE FROM signing_keys AS old WHERE EXISTS (
           SELECT FROM signing_keys AS next WHERE next.active_from > old.active_from AND next.active_from < $1)`,
        [new Date(now.getTime() - ACCEPTED_AFTER_MS)],
      )
    })
  }

  /** Another server may do the same, or have done it already. */
  async #reseal({ kid, sealed }: KeyRow, pkcs8: string): Promise<void> {
    await this.#db.pool.query('UPDATE signing_keys SET sealed = $3 WHERE kid = $1 AND sealed = $2', [
      kid,
      sealed,
      this.#sealed(kid, pkcs8),
    ])
  }

  #sealed(kid: string, text: string): Buffer {
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', this.#sealingKeys[0] ?? '', iv).setAAD(Buffer.from(kid))
    const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return Buffer.concat([iv, cipher.getAuthTag(), encrypted])
  }

  #opened(row: KeyRow): { pkcs8: string; isOutdated: boolean } | undefined {
    for (const [index, key] of this.#sealingKeys.entries()) {
      const pkcs8 = openedWith(key, row)
      if (pkcs8 !== undefined) return { pkcs8, isOutdated: index > 0 }
    }
    return undefined
  }
}

function openedWith(key: Buffer, { kid, sealed }: KeyRow): string | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12))
    decipher.setAAD(Buffer.from(kid)).setAuthTag(sealed.subarray(12, 28))
    return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}
