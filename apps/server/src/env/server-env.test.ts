import { availableParallelism } from 'node:os'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { EnvError } from './read-variables.ts'
import { readServerEnv } from './server-env.ts'

function issuesOf(environment: Record<string, string>): string[] {
  try {
    readServerEnv(environment)
  } catch (error) {
    if (error instanceof EnvError) return error.message.split('\n')
    throw error
  }
  throw new Error('the environment was accepted')
}

describe('environment', () => {
  it('[RUN-1] needs no variable', () => {
    const env = readServerEnv({})
    expect(env).toMatchObject({
      port: 8787,
      host: '127.0.0.1',
      limits: { maxBytes: 8 * 1024 * 1024, maxRecords: 1000 },
      rateLimitPerMinute: 1200,
      live: { perServer: 5000, perDevice: 5 },
      logLevel: 'info',
      deviceTokens: [],
    })
    expect(env.database.dataDir).toBe(path.resolve('.data'))
    expect(env.database.secretsDir).toBe(path.resolve('.data/secrets'))
    expect(env.database.external).toBeUndefined()
  })

  it('[RUN-54] has one process unless WORKERS names a number, or auto for the processors that are available', () => {
    expect(readServerEnv({}).workers).toBe(1)
    expect(readServerEnv({ WORKERS: '12' }).workers).toBe(12)
    expect(readServerEnv({ WORKERS: 'auto' }).workers).toBe(Math.min(128, availableParallelism()))
    for (const bad of ['0', '-1', '129', '2.5', 'two'])
      expect(issuesOf({ WORKERS: bad }).join('\n')).toContain('must be a whole number from 1 to 128, or auto')
  })

  it('takes an empty variable for one that is not set', () => {
    expect(readServerEnv({ PORT: '', DATABASE_URL: ' ' })).toEqual(readServerEnv({}))
  })

  it('[RUN-1] names every bad variable at once, with its value and what is expected', () => {
    const lines = issuesOf({
      PORT: '80a',
      LOG_LEVEL: 'loud',
      TRUST_PROXY: 'true',
      PUBLIC_URL: 'sync.example.com',
    })
    expect(lines[0]).toContain('4 environment variables')
    expect(lines.find((line) => line.includes('PORT'))).toMatch(
      /"80a" +must be a whole number from 0 to 65535/,
    )
    expect(lines.find((line) => line.includes('LOG_LEVEL'))).toMatch(/"loud" +must be one of fatal, error/)
    expect(lines.find((line) => line.includes('TRUST_PROXY'))).toContain('the number of proxies')
    expect(lines.find((line) => line.includes('PUBLIC_URL'))).toContain('https://sync.example.com')
  })

  it.each([
    ['DATABASE_URL', 'mysql://user:canary-password@host/db'],
    ['MIGRATION_DATABASE_URL', 'postgresql://canary-password'],
    ['DATABASE_URL', 'postgresql://user:canary-password%zz@host/db'],
    ['DATABASE_URL', 'postgresql://user:canary-password@one:5432,two:x/db'],
    ['MIGRATION_DATABASE_URL', 'postgresql://user:canary-password@one,two/db?target_session_attrs=standby'],
    ['DATABASE_READ_URL', 'postgresql://user:canary-password@two/db?target_session_attrs=read-write'],
    ['PEPPER', 'canary-password'],
    ['CHECKPOINT_S3_SECRET', 'canary'],
    ['CHECKPOINT_S3_KEY_ID', 'canary-password with spaces'],
    ['PEPPER_PREVIOUS', 'canary-password'],
    ['DEVICE_TOKENS', 'ws_demo/dev_a=canary-password x,canary-password'],
  ])('[RUN-1] never shows the value of %s', (name, value) => {
    const message = issuesOf({ [name]: value }).join('\n')
    expect(message).toContain(name)
    expect(message).toContain('(value hidden)')
    expect(message).not.toContain('canary-password')
  })

  it.each(['0x50', '1e3', ' 80 80', '-1', '65536', '8787.0', '99999999999999999999'])(
    'refuses %j as a port',
    (port) => {
      expect(issuesOf({ PORT: port }).join()).toContain('PORT')
    },
  )

  it.each(['MIGRATION_DATABASE_URL', 'DATABASE_READ_URL'])('wants DATABASE_URL beside %s', (name) => {
    const lines = issuesOf({ [name]: 'postgresql://owner:pw@db/fieldsync' })
    expect(lines[1]).toContain('DATABASE_URL')
    expect(lines[1]).toContain(`must be set when ${name} is`)
  })

  it('[REP-1] reads the URL of read replicas, and how far one may lag', () => {
    const url = 'postgresql://app:pw@db/fieldsync'
    const readUrl = 'postgresql://app:pw@db2,db3/fieldsync?target_session_attrs=standby'
    const replicasOf = (more: Record<string, string>) =>
      readServerEnv({ DATABASE_URL: url, ...more }).database.replicas
    expect(replicasOf({})).toBeUndefined()
    expect(replicasOf({ DATABASE_READ_URL: readUrl })).toEqual({ url: readUrl, maxLagMs: 10_000 })
    const more = { DATABASE_READ_URL: readUrl, DATABASE_READ_MAX_LAG_SECONDS: '60' }
    expect(replicasOf(more)).toEqual({ url: readUrl, maxLagMs: 60_000 })
  })

  it('knows whether the application has a database role of its own', () => {
    const app = 'postgresql://app:pw@db/fieldsync'
    const owner = 'postgresql://owner:pw@db/fieldsync'
    expect(readServerEnv({ DATABASE_URL: app }).database.external).toEqual({
      appUrl: app,
      ownerUrl: app,
      oneRole: true,
    })
    const both = readServerEnv({ DATABASE_URL: app, MIGRATION_DATABASE_URL: owner })
    expect(both.database.external).toEqual({ appUrl: app, ownerUrl: owner, oneRole: false })
  })

  it('reads off as no limit', () => {
    expect(readServerEnv({ RATE_LIMIT_PER_MINUTE: 'off' }).rateLimitPerMinute).toBeUndefined()
  })

  it.each([
    ['1', 1],
    ['loopback, 10.0.0.0/8', ['loopback', '10.0.0.0/8']],
    ['fd00::/8', ['fd00::/8']],
  ])('reads %j as trusted proxies', (text, expected) => {
    expect(readServerEnv({ TRUST_PROXY: text }).trustProxy).toEqual(expected)
  })

  it.each(['0', '11', 'true', '*', '0.0.0.0/0', '10.0.0.0/33', '10.0.0', 'loopback,'])(
    'refuses to trust %j',
    (text) => {
      expect(issuesOf({ TRUST_PROXY: text }).join()).toContain('TRUST_PROXY')
    },
  )

  it.each([
    ['https://field.example.com', ['https://field.example.com']],
    [
      'http://192.168.1.20:8787, https://a.example,https://a.example',
      ['http://192.168.1.20:8787', 'https://a.example'],
    ],
  ])('[HDR-7] reads %j as the origins whose pages may call', (text, expected) => {
    expect(readServerEnv({ CORS_ORIGINS: text }).corsOrigins).toEqual(expected)
    expect(readServerEnv({}).corsOrigins).toEqual([])
  })

  it.each([
    ['*', 'must name each origin'],
    ['null', 'must name each origin'],
    ['https://*.example.com', 'must name each origin'],
    ['field.example.com', 'must be origins separated by commas, such as https://app.example.com'],
    ['https://a.example,', 'must be origins separated by commas'],
    ['ftp://a.example', 'must be origins separated by commas'],
    ['https://a.example/', 'must be written the way browsers send it: https://a.example'],
    ['https://a.example/app', 'must be written the way browsers send it: https://a.example'],
    ['https://A.example:443', 'must be written the way browsers send it: https://a.example'],
    ['https://user:pw@a.example', 'must be written the way browsers send it: https://a.example'],
  ])('[HDR-7] refuses %j as origins, and says how to write them', (text, message) => {
    const lines = issuesOf({ CORS_ORIGINS: text })
    expect(lines[0]).toContain('One environment variable')
    expect(lines[1]).toContain(message)
  })

  it('takes the slash off the end of the public address', () => {
    expect(readServerEnv({ PUBLIC_URL: 'https://sync.example.com/' }).publicUrl).toBe(
      'https://sync.example.com',
    )
  })

  describe('a bucket of checkpoints', () => {
    const given = {
      CHECKPOINT_S3_URL: 'https://s3.example.com/audit/farm/',
      CHECKPOINT_S3_KEY_ID: 'AKID',
      CHECKPOINT_S3_SECRET: 'the secret',
    }

    it('[AUD-30] is none by default, and one with its variables', () => {
      expect(readServerEnv({}).database.checkpoints).toMatchObject({ bucket: undefined, earlierKeys: [] })
      const key = 'fieldsync-audit+0a1b2c3d+AbCd='
      expect(
        readServerEnv({ ...given, CHECKPOINT_EARLIER_KEYS: `${key}, ${key}` }).database.checkpoints,
      ).toMatchObject({
        bucket: {
          url: 'https://s3.example.com/audit/farm',
          region: 'us-east-1',
          keyId: 'AKID',
          secret: 'the secret',
        },
        earlierKeys: [key, key],
      })
      expect(
        readServerEnv({ ...given, CHECKPOINT_S3_URL: 'http://127.0.0.1:9000/audit' }).database.checkpoints
          .bucket?.url,
      ).toBe('http://127.0.0.1:9000/audit')
    })

    it.each([
      { ...given, CHECKPOINT_S3_URL: 'http://s3.example.com/audit' },
      { ...given, CHECKPOINT_S3_URL: 'https://user:pass@s3.example.com/audit' },
      { ...given, CHECKPOINT_S3_URL: 'https://s3.example.com' },
      { ...given, CHECKPOINT_S3_URL: 'https://s3.example.com/audit?x=1' },
      { ...given, CHECKPOINT_S3_REGION: 'eu central' },
      { CHECKPOINT_EARLIER_KEYS: 'secret' },
    ])('[AUD-30, AUD-31] is refused as %j', (environment) => {
      expect(issuesOf(environment)).toHaveLength(3)
    })

    it('[AUD-30] needs all of its variables', () => {
      const lines = issuesOf({ CHECKPOINT_S3_URL: given.CHECKPOINT_S3_URL })
      expect(lines.filter((line) => line.includes('must be set when CHECKPOINT_S3_URL is'))).toHaveLength(2)
    })
  })
})
