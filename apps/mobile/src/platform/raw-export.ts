/** What lies in the app's stores, and the names of those that could not be read. */
export type RawExport = { readonly text: string; readonly unread: readonly string[] }

/**
 * The content of each store in JSON, with the cause for one that cannot be read: it takes none of the others with it
 * (APP-8).
 *
 * @param contentOf undefined for a store that does not exist
 * @throws what reading a store threw, where none could be read
 */
export async function rawExport(
  names: Iterable<string>,
  contentOf: (name: string) => Promise<unknown>,
): Promise<RawExport> {
  const stores: Record<string, unknown> = {}
  const unread: Record<string, string> = {}
  let failure: Error | undefined
  for (const name of new Set(names)) {
    try {
      const content = await contentOf(name)
      if (content !== undefined) stores[name] = content
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error))
      unread[name] = failure.message
    }
  }
  if (failure !== undefined && Object.keys(stores).length === 0) throw failure
  return { text: JSON.stringify({ stores, unread }, null, 2), unread: Object.keys(unread) }
}
