import { PROVIDER_ERROR_KEY, PROVIDER_ERRORS, type ProviderError } from '@fieldsync/contracts'

/** The link by which a person accepts an invitation, or sets a new password. */
export type PersonLink = { readonly kind: 'accept' | 'reset'; readonly code: string }

/** The one in an address; undefined for any other address, and for one without a code. */
export function readPersonLink({
  pathname,
  hash,
}: Pick<Location, 'pathname' | 'hash'>): PersonLink | undefined {
  const kind = pathname === '/accept' ? 'accept' : pathname === '/reset' ? 'reset' : undefined
  const code = decoded(hash.slice(1)).trim()
  return kind === undefined || code === '' ? undefined : { kind, code }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Why a sign-in through a provider has failed, as the server's redirect says it; and the address without it. */
export function readProviderError(href: string): {
  readonly error: ProviderError | null
  readonly rest: string
} {
  const url = new URL(href)
  const said = url.searchParams.get(PROVIDER_ERROR_KEY)
  url.searchParams.delete(PROVIDER_ERROR_KEY)
  const error = said === null ? null : (PROVIDER_ERRORS.find((each) => each === said) ?? 'unavailable')
  return { error, rest: `${url.pathname}${url.search}${url.hash}` }
}

/**
 * What this page was opened with for a person. A code leaves the address and the page's history at once: neither a reload
 * nor whoever looks at the screen gets it (APP-77).
 */
class Opened {
  readonly #listeners = new Set<() => void>()
  #link: PersonLink | null = null
  #error: ProviderError | null = null

  constructor() {
    globalThis.addEventListener('hashchange', () => this.#take())
    this.#take()
  }

  readonly link = (): PersonLink | null => this.#link
  readonly providerError = (): ProviderError | null => this.#error
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
  /** It was used, or is not wanted. */
  readonly forget = (): void => {
    this.#error = null
    this.#become(null)
  }

  #take(): void {
    const link = readPersonLink(globalThis.location)
    if (link !== undefined) {
      history.replaceState(history.state, '', '/')
      this.#become(link)
      return
    }
    const { error, rest } = readProviderError(globalThis.location.href)
    if (error === null) return
    history.replaceState(history.state, '', rest)
    this.#error = error
  }

  #become(link: PersonLink | null): void {
    this.#link = link
    for (const listener of this.#listeners) listener()
  }
}

/** @returns what this page was opened with; for the page's script, once */
export const openedForPerson = (): Opened => new Opened()
