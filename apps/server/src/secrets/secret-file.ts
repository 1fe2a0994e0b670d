import { randomBytes } from 'node:crypto'
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** A secret cannot be read or created; the message names the file and the remedy, never the secret. */
export class SecretError extends Error {
  override readonly name = 'SecretError'
}

const MIN_LENGTH = 32

/**
 * The secret stored in a file, or undefined when there is none. Permissions of others are removed.
 * @throws SecretError when the file exists and cannot be used.
 */
export async function readSecretFile(file: string): Promise<string | undefined> {
  let secret: string
  try {
    secret = (await readFile(file, 'utf8')).trim()
    if (((await stat(file)).mode & 0o077) !== 0) await chmod(file, 0o600)
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined
    throw new SecretError(`cannot read the secret ${file}: ${codeOf(cause)}`, { cause })
  }
  if (secret.length < MIN_LENGTH) {
    throw new SecretError(
      `the secret in ${file} is shorter than ${MIN_LENGTH} characters; put the right file back`,
    )
  }
  return secret
}

/**
 * The secret stored in a file, generated when there is none: 256 random bits, mode 0600, in a folder of mode 0700
 * (RUN-5). The file appears whole or not at all, and of several servers starting at once all use the same.
 */
export async function obtainSecretFile(file: string): Promise<string> {
  const existing = await readSecretFile(file)
  if (existing !== undefined) return existing
  await storeSecretFile(file, randomBytes(32).toString('base64url'))
  return (await readSecretFile(file)) ?? obtainSecretFile(file)
}

/** Stores a secret, whole or not at all; a file that is there stays. @throws SecretError */
export async function storeSecretFile(file: string, secret: string): Promise<void> {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(draft, `${secret}\n`, { mode: 0o600, flag: 'wx', flush: true })
    // Unlike a rename, a link never replaces what another server has put there in the meantime.
    await link(draft, file).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error
    })
  } catch (cause) {
    throw new SecretError(`cannot create the secret ${file}: ${codeOf(cause)}`, { cause })
  } finally {
    await rm(draft, { force: true })
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
