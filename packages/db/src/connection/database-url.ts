/** One server of a connection URL. */
export type DatabaseServer = {
  /** For log and messages: host and port, never the credentials. */
  readonly name: string
  readonly host: string
  readonly port: number
  /** A connection URL of this server alone. */
  readonly url: string
}

export type DatabaseUrl = {
  readonly user: string
  /** Empty where the URL has none. */
  readonly password: string
  /** In the order of the URL. */
  readonly servers: readonly [DatabaseServer, ...DatabaseServer[]]
}

/** What is wrong with a connection URL, without any part of it that could be a secret. */
export class DatabaseUrlError extends Error {
  override readonly name = 'DatabaseUrlError'
}

const EXAMPLE = 'postgresql://user:password@host:5432/fieldsync'
const DEFAULT_PORT = 5432
const FORM = /^(postgres(?:ql)?:\/\/)([^/?#]*@)?([^/?#]*)(.*)$/s
/** What libpq calls a session that can write; `any` is libpq's default, and Fieldsync uses no other session either way. */
const WRITABLE: ReadonlySet<string> = new Set(['read-write', 'primary', 'any'])
const READ_ONLY: ReadonlySet<string> = new Set(['read-only', 'standby', 'prefer-standby'])

/**
 * Parses a connection URL with one or several servers, as libpq defines it:
 * `postgresql://user:password@a:5432,b:5433/database?target_session_attrs=read-write` (HA-1).
 * @param use of the primary, or of its standbys (REP-1), whose URL may have `standby`, `read-only`, `prefer-standby` or `any`
 * @throws DatabaseUrlError
 */
export function parseDatabaseUrl(text: string, use: 'primary' | 'standbys' = 'primary'): DatabaseUrl {
  const [, scheme, credentials = '', authority = '', rest = ''] = FORM.exec(text) ?? []
  if (scheme === undefined)
    throw new DatabaseUrlError(`must be a URL such as ${EXAMPLE} (special characters percent-encoded)`)
  const hosts = authority.split(',')
  const urls = hosts.map((host) => urlOf(`${scheme}${credentials}${host}${rest}`, hosts.length))
  const [first, ...others] = urls
  if (!first) throw new TypeError('splitting a text leaves at least one part')
  checkParameters(first.searchParams, hosts.length, use)
  return {
    user: decodeURIComponent(first.username),
    password: decodeURIComponent(first.password),
    servers: [serverOf(first), ...others.map(serverOf)],
  }
}

function urlOf(text: string, count: number): URL {
  const url = URL.parse(text)
  if (url && url.hostname !== '' && url.username !== '' && url.pathname.length > 1 && isEncoded(url))
    return url
  const message =
    count === 1
      ? `must be a URL such as ${EXAMPLE} (special characters percent-encoded)`
      : 'must name each server as host or host:port, separated by commas, such as ' +
        'postgresql://user:password@one:5432,two:5432/fieldsync'
  throw new DatabaseUrlError(message)
}

function isEncoded({ username, password, hostname }: URL): boolean {
  try {
    return decodeURIComponent(username + password + hostname) !== ''
  } catch {
    return false // A percent sign that encodes nothing.
  }
}

function checkParameters(parameters: URLSearchParams, count: number, use: 'primary' | 'standbys'): void {
  const wanted = parameters.get('target_session_attrs')
  if (wanted !== null) checkSession(wanted, use)
  const isElsewhere = ['host', 'hostaddr', 'port'].some((name) => parameters.get(name)?.includes(','))
  const isOverridden = count > 1 && ['host', 'hostaddr', 'port'].some((name) => parameters.has(name))
  if (isElsewhere || isOverridden)
    throw new DatabaseUrlError('must name several servers before the database, not as parameters')
}

function checkSession(wanted: string, use: 'primary' | 'standbys'): void {
  if (use === 'standbys') {
    if (READ_ONLY.has(wanted) || wanted === 'any') return
    throw new DatabaseUrlError(
      'must have standby, read-only, prefer-standby or any as target_session_attrs, if it has that',
    )
  }
  if (READ_ONLY.has(wanted))
    throw new DatabaseUrlError(
      `must not ask for a standby: with target_session_attrs=${wanted} nothing could be written`,
    )
  if (!WRITABLE.has(wanted))
    throw new DatabaseUrlError('must have read-write, primary or any as target_session_attrs, if it has that')
}

function serverOf(url: URL): DatabaseServer {
  const own = new URL(url)
  own.searchParams.delete('target_session_attrs')
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port)
  const host = decodeURIComponent(url.hostname).replace(/^\[(.+)\]$/, '$1')
  return { name: `${url.hostname}:${port}`, host, port, url: own.href }
}
