import { EnrolledKey } from '@fieldsync/client/device-key'
import { z } from 'zod'

import type { Credential, DeviceCredential } from '../server/credential.ts'

const TOKEN = 'fieldsync-console-token'
const SINCE = 'fieldsync-console-token-since'
const KEY = 'fieldsync-console-key'
const SIGNED_OUT = 'fieldsync-console-signed-out'
const PERSON = 'fieldsync-console-person'

/** What is known of this browser's key, which is itself in its IndexedDB. */
const StoredKey = EnrolledKey.extend({ isIn: z.boolean() })

/**
 * By what this browser is signed in, where that is a device's: a token that was pasted, for this tab alone or by choice until signed out, or a key,
 * for every tab. Signing out in one tab ends every tab of this browser, one that is not running at the moment when it comes
 * back (APP-46): each sign-out leaves a mark of its own, and a token is good as long as the mark is the one that it was
 * stored under.
 */
export const credentialStore = {
  read: (): DeviceCredential | null => {
    const own = sessionStorage.getItem(TOKEN)
    if (own !== null && sessionStorage.getItem(SINCE) === mark()) return { kind: 'token', token: own }
    // Of before a sign-out.
    if (own !== null) forgetTokens()
    const { isIn, ...key } = storedKey() ?? { isIn: false }
    if (isIn && 'name' in key) return { kind: 'key', key }
    const token = localStorage.getItem(TOKEN)
    return token === null ? null : { kind: 'token', token }
  },
  keepToken: (token: string, remember: boolean): void => {
    const storage = remember ? localStorage : sessionStorage
    storage.setItem(TOKEN, token)
    sessionStorage.setItem(SINCE, mark())
  },
  keepKey: (key: EnrolledKey): void => {
    forgetTokens()
    storeKey({ ...key, isIn: true })
  },
  /** A person has signed in, whose cookie the browser keeps; every other tab notices (APP-83). */
  personCame: (): void => {
    forgetTokens()
    const key = storedKey()
    if (key !== null) storeKey({ ...key, isIn: false })
    localStorage.setItem(PERSON, uniqueMark())
  },
  /** The key of this browser, also while nobody is signed in with it. */
  key: (): EnrolledKey | null => storedKey(),
  /** The server accepts this key of the device now. */
  accepted: (fingerprint: string): void => {
    const key = storedKey()
    if (key !== null && key.fingerprint !== fingerprint) storeKey({ ...key, fingerprint })
  },
  /** The server refuses it: nobody is signed in with it any more. Another one, of another tab, stays in force. */
  refused: (credential: Credential): void => {
    forgetTokens()
    const key = storedKey()
    if (credential.kind === 'key' && key?.name === credential.key.name) storeKey({ ...key, isIn: false })
  },
  /** Of every tab. @param keepKey whether what is known of this browser's key stays, for the next sign-in */
  signOut: (keepKey: boolean): void => {
    forgetTokens()
    const key = keepKey ? storedKey() : null
    if (key === null) localStorage.removeItem(KEY)
    else storeKey({ ...key, isIn: false })
    localStorage.setItem(SIGNED_OUT, uniqueMark())
  },
  /** Calls back when another tab signs out, or a person signs in there; the returned function ends that. */
  onElsewhere: (listener: (what: 'signed out' | 'person came') => void): (() => void) => {
    const hear = ({ key }: StorageEvent): void => {
      if (key === PERSON) listener('person came')
      // Null where the browser's data was cleared.
      if (key !== SIGNED_OUT && key !== null) return
      // What all tabs share is changed by the one that signs out.
      sessionStorage.removeItem(TOKEN)
      listener('signed out')
    }
    addEventListener('storage', hear)
    return () => removeEventListener('storage', hear)
  },
}

const uniqueMark = (): string => crypto.getRandomValues(new Uint32Array(2)).join('-')

const mark = (): string => localStorage.getItem(SIGNED_OUT) ?? ''

function forgetTokens(): void {
  sessionStorage.removeItem(TOKEN)
  localStorage.removeItem(TOKEN)
}

function storedKey(): z.infer<typeof StoredKey> | null {
  try {
    return StoredKey.parse(JSON.parse(localStorage.getItem(KEY) ?? ''))
  } catch {
    // None, or one that is described as no version of the console does it.
    return null
  }
}

const storeKey = (key: z.infer<typeof StoredKey>): void => localStorage.setItem(KEY, JSON.stringify(key))
