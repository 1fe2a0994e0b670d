import { ClientError } from '../../client-error.ts'

const SHOWN = 6

/** The end of an id, which is random if a program generated it: enough for a person to refer to the record. */
export const shortId = (id: string): string => id.slice(-SHOWN)

/**
 * The one of `ids` that matches an id or the end of one, ignoring case.
 * @throws ClientError for none, or for several
 */
export function meantId(ids: readonly string[], given: string): string {
  if (ids.includes(given)) return given
  const wanted = given.toLowerCase()
  const found = wanted === '' ? [] : ids.filter((id) => id.toLowerCase().endsWith(wanted))
  const [id] = found
  if (id === undefined)
    throw new ClientError('NOT_FOUND', `Nothing on this device has an id that ends in ${given}.`)
  if (found.length > 1) {
    throw new ClientError('VALIDATION_ERROR', `${given} matches ${found.join(', ')}: type more of the id.`)
  }
  return id
}
