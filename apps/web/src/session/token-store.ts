const KEY = 'fieldsync-console-token'
const SINCE = 'fieldsync-console-token-since'
const SIGNED_OUT = 'fieldsync-console-signed-out'

/**
 * The token that was pasted: for this tab alone, or by choice until signed out. Signing out in one tab ends every tab of
 * this browser, one that is not running at the moment when it comes back (APP-46): each sign-out leaves a mark of its
 * own, and a token is good as long as the mark is the one that it was stored under.
 */
export const tokenStore = {
  read: (): string | null => {
    const token = sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY)
    if (sessionStorage.getItem(KEY) === null || sessionStorage.getItem(SINCE) === mark()) return token
    tokenStore.forget()
    return null
  },
  keep: (token: string, remember: boolean): void => {
    const storage = remember ? localStorage : sessionStorage
    storage.setItem(KEY, token)
    sessionStorage.setItem(SINCE, mark())
  },
  /** Of this tab, and the one that new tabs would begin with. */
  forget: (): void => {
    sessionStorage.removeItem(KEY)
    localStorage.removeItem(KEY)
  },
  /** Of every tab. */
  signOut: (): void => {
    tokenStore.forget()
    localStorage.setItem(SIGNED_OUT, crypto.getRandomValues(new Uint32Array(2)).join('-'))
  },
  /** Calls back when another tab signs out; the returned function ends that. */
  onSignedOut: (listener: () => void): (() => void) => {
    const hear = ({ key }: StorageEvent): void => {
      // Null where the browser's data was cleared.
      if (key === SIGNED_OUT || key === null) listener()
    }
    addEventListener('storage', hear)
    return () => removeEventListener('storage', hear)
  },
}

const mark = (): string => localStorage.getItem(SIGNED_OUT) ?? ''
