type Search = { readonly cursor?: string }

type ListSearch<S extends Search> = {
  /** The page that is shown; undefined for the first. */
  readonly cursor: string | undefined
  /** What narrows the list. */
  readonly values: Omit<S, 'cursor'>
  /** Other filters, and no more than those: their list begins at its first page. */
  readonly apply: (values: Record<string, string>) => void
  /** Another page of the same list; undefined for the first. */
  readonly go: (cursor: string | undefined) => void
}

/** What the address of a list says, and how it is changed. */
export function listSearch<S extends Search>(
  search: S,
  navigate: (to: { readonly search: S }) => unknown,
): ListSearch<S> {
  const { cursor, ...values } = search
  // The address is read again by its route, which knows what it may say.
  const show = (next: object) => void navigate({ search: next as S })
  return {
    cursor,
    values,
    apply: (next) => show(next),
    go: (to) => show({ ...values, ...(to === undefined ? {} : { cursor: to }) }),
  }
}
