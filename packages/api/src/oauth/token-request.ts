import { CLIENT_ASSERTION_TYPE } from '@fieldsync/contracts'
import { type ClientSecret, validationError } from '@fieldsync/services'

/** A form of `/oauth/token`, read: how the client authenticates, and the scopes that it requests. */
export type TokenForm = {
  readonly client: { readonly assertion: string } | ClientSecret
  readonly scope: string | undefined
}

/**
 * Reads a token request for client credentials: a client assertion (RFC 7523), or a secret in the form or as Basic
 * authentication (RFC 6749, section 2.3.1), and one of them alone. Parameters that are unknown are ignored, and one that is
 * repeated is refused (section 3.2).
 *
 * @throws ServiceError VALIDATION_ERROR
 */
export function readTokenForm(text: string, authorization: string | undefined): TokenForm {
  const form = new URLSearchParams(text)
  const one = (name: string): string | undefined => {
    const values = form.getAll(name)
    if (values.length > 1) throw formError(name, 'must be given once')
    return values[0] === '' ? undefined : values[0]
  }
  if (one('grant_type') !== 'client_credentials') throw formError('grant_type', 'must be client_credentials')
  const [scope, clientId, secret] = [one('scope'), one('client_id'), one('client_secret')]
  const type = one('client_assertion_type')
  const assertion = one('client_assertion')
  const methods = [authorization, secret, assertion].filter((each) => each !== undefined)
  if (methods.length > 1)
    throw formError('client_secret', 'must be the only way in which the client authenticates')
  if (authorization !== undefined) return { client: basicSecret(authorization), scope }
  if (secret !== undefined) {
    if (clientId === undefined) throw formError('client_id', 'is required with client_secret')
    return { client: { clientId, secret }, scope }
  }
  if (type !== CLIENT_ASSERTION_TYPE)
    throw formError('client_assertion_type', `must be ${CLIENT_ASSERTION_TYPE}`)
  if (assertion === undefined) throw formError('client_assertion', 'is required')
  return { client: { assertion }, scope }
}

/** Name and secret are each encoded as in a form before they are joined by a colon. */
function basicSecret(authorization: string): ClientSecret {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization) ?? []
  const text = Buffer.from(encoded ?? '', 'base64').toString('utf8')
  const [, clientId, secret] = /^([^:]+):(.+)$/s.exec(text) ?? []
  if (clientId === undefined || secret === undefined) throw notBasic()
  return { clientId: formDecoded(clientId), secret: formDecoded(secret) }
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw notBasic()
  }
}

const formError = (name: string, message: string) =>
  validationError([{ path: `/${name}`, message: `${name} ${message}` }])
const notBasic = () =>
  validationError([
    { path: '', message: 'the header Authorization must be Basic, with client_id and client_secret' },
  ])
