import { createPrivateKey, createPublicKey, hash, hkdfSync, type KeyObject, sign, verify } from 'node:crypto'

/** The name of a key in a note. A checkpoint says by its origin what it is about. */
const NAME = 'fieldsync-audit'
/** Ed25519, as the format numbers it. */
const ALGORITHM = 1
const KEY_BYTES = 32
const ID_BYTES = 4
// What stands before the 32 bytes of an Ed25519 key in PKCS #8 and SPKI (RFC 8410).
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

const SEPARATOR = '\n\n'

/** Signs notes (c2sp.org/signed-note) with an Ed25519 key that is derived from a secret. */
export class NoteSigner {
  readonly #privateKey: KeyObject
  readonly #id: Buffer
  /** The public key as one line: name, id and key. With it, anyone can verify this signer's notes. */
  readonly verifierKey: string

  /** @param secret at least 32 bytes; every server of a database has the same */
  constructor(secret: Buffer) {
    const seed = Buffer.from(hkdfSync('sha256', secret, '', 'fieldsync.checkpoint.v1', KEY_BYTES))
    this.#privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
    const spki = createPublicKey(this.#privateKey).export({ format: 'der', type: 'spki' })
    const key = Buffer.concat([Buffer.from([ALGORITHM]), spki.subarray(SPKI.length)])
    this.#id = keyId(NAME, key)
    this.verifierKey = `${NAME}+${this.#id.toString('hex')}+${key.toString('base64')}`
  }

  /** @param text ends with a line feed, and has no empty line */
  sign(text: string): string {
    const signature = sign(null, Buffer.from(text), this.#privateKey)
    return `${text}\n— ${NAME} ${Buffer.concat([this.#id, signature]).toString('base64')}\n`
  }
}

const keyId = (name: string, key: Buffer): Buffer =>
  hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), key]), 'buffer').subarray(0, ID_BYTES)

/** A note by its text; `unsigned`: none of the given keys has signed it. */
export type VerifiedNote =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: 'malformed' | 'unsigned' }

/**
 * Verifies a note. Signatures by unknown keys are ignored, as the format requires; one by a known key must be right.
 * @param verifierKeys as {@link NoteSigner.verifierKey} gives them
 */
export function verifyNote(note: string, verifierKeys: readonly string[]): VerifiedNote {
  const end = note.lastIndexOf(SEPARATOR)
  if (end === -1 || !note.endsWith('\n')) return { ok: false, reason: 'malformed' }
  const text = note.slice(0, end + 1)
  const lines = note.slice(end + SEPARATOR.length, -1).split('\n')
  const signatures = lines.map((line) => /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/.exec(line))
  if (signatures.includes(null)) return { ok: false, reason: 'malformed' }
  const keys = verifierKeys.map(readVerifierKey)
  let isSigned = false
  for (const [, name = '', encoded = ''] of signatures.filter((each) => each !== null)) {
    const bytes = Buffer.from(encoded, 'base64')
    const id = bytes.subarray(0, ID_BYTES)
    const key = keys.find((each) => each.name === name && each.id.equals(id))
    if (!key) continue
    if (!verify(null, Buffer.from(text), key.publicKey, bytes.subarray(ID_BYTES)))
      return { ok: false, reason: 'unsigned' }
    isSigned = true
  }
  return isSigned ? { ok: true, text } : { ok: false, reason: 'unsigned' }
}

/** @throws Error for a text that is no verifier key of Ed25519 */
function readVerifierKey(text: string): { name: string; id: Buffer; publicKey: KeyObject } {
  const [, name = '', hex = '', encoded = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text) ?? []
  const [key, id] = [Buffer.from(encoded, 'base64'), Buffer.from(hex, 'hex')]
  if (key.length !== KEY_BYTES + 1 || key[0] !== ALGORITHM || !keyId(name, key).equals(id))
    throw new Error(`“${text}” is not the verifier key of an Ed25519 key`)
  const publicKey = createPublicKey({
    key: Buffer.concat([SPKI, key.subarray(1)]),
    format: 'der',
    type: 'spki',
  })
  return { name, id, publicKey }
}
