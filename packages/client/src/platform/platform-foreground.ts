/** Calls back when the page is shown again; on platforms without pages never. Returns how to end that. */
export function onForeground(callback: () => void): () => void {
  if (typeof document === 'undefined') return () => undefined
  const onVisible = (): void => {
    if (document.visibilityState === 'visible') callback()
  }
  document.addEventListener('visibilitychange', onVisible)
  return () => document.removeEventListener('visibilitychange', onVisible)
}
