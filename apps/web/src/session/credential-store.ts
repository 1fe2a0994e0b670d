import { EnrolledKey } from '@fieldsync/client/device-key'
import { z } from 'zod'

import type { Credential } from '../server/credential.ts'

const TOKEN = 'fieldsync-console-token'
const SINCE = 'fieldsync-console-token-since'
const KEY = 'fieldsync-console-key'
const SIGNED_OUT = 'fieldsync-console-signed-out'

/** What is known of this browser's key, which is itself in its IndexedDB. */
const StoredKey = EnrolledKey.extend({ isIn: z.boolean() })

/**
 * By what this browser is signed in: a token that was pasted, for this tab alone or by choice until signed out, or a key,
 * for every tab. Signing out in one tab ends every tab of this browser, one that is not running at the moment when it comes
 * back (APP-46): each sign-out leaves a mark of its own, and a token is good as long as the mark is the one that it was
 * stored under.
 */
export const credentialStore = {
  read: (): Credential | null => {
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
    localStorage.setItem(SIGNED_OUT, crypto.getRandomValues(new Uint32Array(2)).join('-'))
  },
  /** Calls back when another tab signs out; the returned function ends that. */
  onSignedOut: (listener: () => void): (() => void) => {
    const hear = ({ key }: StorageEvent): void => {
      // Null where the browser's data was cleared.
      if (key !== SIGNED_OUT && key !== null) return
      // What all tabs share is changed by the one that signs out.
      sessionStorage.removeItem(TOKEN)
      listener()
    }
    addEventListener('storage', hear)
    return () => removeEventListener('storage', hear)
  },
}

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
