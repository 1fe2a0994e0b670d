const KEY = 'fieldsync-console-token'

/** The token that was pasted: for this tab alone, or by choice until signed out. */
export const tokenStore = {
  read: (): string | null => sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY),
  keep: (token: string, remember: boolean): void =>
    (remember ? localStorage : sessionStorage).setItem(KEY, token),
  forget: (): void => {
    sessionStorage.removeItem(KEY)
    localStorage.removeItem(KEY)
  },
}
