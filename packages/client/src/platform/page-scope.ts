type Listener = () => void
type Listening = {
  addEventListener(type: string, listener: Listener): void
  removeEventListener(type: string, listener: Listener): void
}

/** What browsers have in their global scope and other platforms may lack. */
type PageScope = Partial<Listening> & {
  readonly navigator?: { readonly onLine?: boolean }
  readonly document?: Listening & { readonly visibilityState: string }
}

/** The global scope, typed as a page's: programs without browser types import this package too. */
export function pageScope(): PageScope {
  const scope: object = globalThis
  return scope
}

/** Listens until the returned function is called. */
export function listenOn(target: Listening, type: string, listener: Listener): () => void {
  target.addEventListener(type, listener)
  return () => target.removeEventListener(type, listener)
}
