import { describe, expect, it } from 'vitest'

import { DatabaseUrlError, parseDatabaseUrl } from './database-url.ts'

const PASSWORD = 'canary,p@ss:word'
const ENCODED = encodeURIComponent(PASSWORD)
const SECOND = 'two.example:5433'

describe('a connection URL', () => {
  it('[HA-1] with several servers has them in its order, each with its own port', () => {
    const url = `postgresql://app:${ENCODED}@one.example,${SECOND},[::1]:5434/field?sslmode=require&target_session_attrs=read-write`
    const { user, password, servers } = parseDatabaseUrl(url)
    expect({ user, password }).toEqual({ user: 'app', password: PASSWORD })
    expect(servers.map(({ name, host, port }) => ({ name, host, port }))).toEqual([
      { name: 'one.example:5432', host: 'one.example', port: 5432 },
      { name: SECOND, host: 'two.example', port: 5433 },
      { name: '[::1]:5434', host: '::1', port: 5434 },
    ])
    expect(servers.map((each) => each.url)).toEqual([
      `postgresql://app:${ENCODED}@one.example/field?sslmode=require`,
      `postgresql://app:${ENCODED}@${SECOND}/field?sslmode=require`,
      `postgresql://app:${ENCODED}@[::1]:5434/field?sslmode=require`,
    ])
  })

  it('[HA-1] with one server is as it was', () => {
    const url = 'postgres://app:pw@db.example:6432/field?options=-c%20a%3Db'
    const { servers } = parseDatabaseUrl(url)
    expect(servers).toHaveLength(1)
    expect(new URL(servers[0].url).searchParams.get('options')).toBe('-c a=b')
    expect(servers[0]).toMatchObject({ host: 'db.example', port: 6432 })
  })

  it.each(['read-write', 'primary', 'any'])('[HA-1] may want sessions that are %s', (wanted) => {
    const { servers } = parseDatabaseUrl(`postgresql://u:p@a,b/db?target_session_attrs=${wanted}`)
    expect(servers.map(({ url }) => url)).toEqual(['postgresql://u:p@a/db', 'postgresql://u:p@b/db'])
  })

  it.each([
    ['a standby', 'u:canary@a,b/db?target_session_attrs=standby', /nothing could be written/],
    ['rather a standby', 'u:canary@a,b/db?target_session_attrs=prefer-standby', /nothing could be written/],
    ['a session that only reads', 'u:canary@a/db?target_session_attrs=read-only', /nothing could be written/],
    ['an unknown kind of session', 'u:canary@a/db?target_session_attrs=writable', /target_session_attrs/],
    ['a server without a name', 'u:canary@a,,b/db', /host:port/],
    ['a port that is none', 'u:canary@a:5432,b:x/db', /host:port/],
    ['a port beyond all ports', 'u:canary@a:65536,b/db', /host:port/],
    ['servers as a parameter', 'u:canary@a/db?host=a,b', /before the database/],
    ['ports as a parameter', 'u:canary@a,b/db?port=5433', /before the database/],
    ['no user', 'a,b/db', /such as/],
    ['no database', 'u:canary@a,b', /such as/],
    ['a percent sign that encodes nothing', 'u:canary%zz@a,b/db', /such as/],
  ])('[HA-1] is refused with %s, without its password', (_, rest, reason) => {
    const parse = () => parseDatabaseUrl(`postgresql://${rest}`)
    expect(parse).toThrow(DatabaseUrlError)
    expect(parse).toThrow(reason)
    expect(parse).not.toThrow(/canary/)
  })

  it.each(['standby', 'read-only', 'prefer-standby', 'any'])(
    '[REP-1] of replicas may ask for %s, and keeps the order of its servers',
    (wanted) => {
      const url = `postgresql://u:p@b:5433,a/db?target_session_attrs=${wanted}`
      expect(parseDatabaseUrl(url, 'standbys').servers.map(({ name }) => name)).toEqual(['b:5433', 'a:5432'])
    },
  )

  it.each(['read-write', 'primary', 'writable'])('[REP-1] of replicas may not ask for %s', (wanted) => {
    const parse = () =>
      parseDatabaseUrl(`postgresql://u:canary@a/db?target_session_attrs=${wanted}`, 'standbys')
    expect(parse).toThrow(/must have standby/)
    expect(parse).not.toThrow(/canary/)
  })
})
