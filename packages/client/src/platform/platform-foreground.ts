import { listenOn, pageScope } from './page-scope.ts'

/** Calls back when the page is shown again; on platforms without pages never. Returns an unsubscribe function. */
export function onForeground(callback: () => void): () => void {
  const page = pageScope().document
  if (page === undefined) return () => undefined
  return listenOn(page, 'visibilitychange', () => {
    if (page.visibilityState === 'visible') callback()
  })
}
