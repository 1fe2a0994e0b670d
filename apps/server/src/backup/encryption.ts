import { Readable } from 'node:stream'

import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'

import { BackupError } from './backup-format.ts'

/** How a file that is encrypted with age begins (https://age-encryption.org/v1). */
export const AGE_MAGIC = Buffer.from('age-encryption.org/v1\n')

/** Encrypts a stream, so that each of these recipients (`age1…`) can open it, and nobody else (BAK-3). */
export async function encrypted(source: Readable, recipients: readonly string[]): Promise<Readable> {
  const encrypter = new Encrypter()
  for (const recipient of recipients) encrypter.addRecipient(recipient)
  return Readable.fromWeb(await encrypter.encrypt(Readable.toWeb(source)))
}

/** @throws BackupError where none of these identities (`AGE-SECRET-KEY-1…`) opens it */
export async function decrypted(source: Readable, identities: readonly string[]): Promise<Readable> {
  if (identities.length === 0)
    throw new BackupError('the backup is encrypted; give the file with its key as --identity')
  const decrypter = new Decrypter()
  for (const identity of identities) decrypter.addIdentity(identity)
  try {
    return Readable.fromWeb(await decrypter.decrypt(Readable.toWeb(source)))
  } catch (cause) {
    throw new BackupError('no key of the --identity file opens the backup', { cause })
  }
}

/** A new key, in the form of the file that `age-keygen` writes. */
export async function newIdentity(): Promise<{ recipient: string; file: string }> {
  const identity = await generateX25519Identity()
  const recipient = await identityToRecipient(identity)
  return { recipient, file: `# public key: ${recipient}\n${identity}\n` }
}

/** The keys in a file of `age-keygen`. @throws BackupError where there is none */
export function identitiesIn(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim())
  const found = lines.filter((line) => /^AGE-SECRET-KEY-(1|PQ-1)[0-9A-Z]+$/.test(line))
  if (found.length > 0) return found
  throw new BackupError('the --identity file has no key of age (a line AGE-SECRET-KEY-1…)')
}
