import { expect, it } from 'vitest'

import { readServerEnv } from '../env/server-env.ts'
import { secretsOf } from './secrets.ts'

it('[ACC-3] every secret of the environment is known, so that no log line shows one', () => {
  const env = readServerEnv({
    DATABASE_URL: 'postgresql://app:of%20the%20app@db1,db2/fieldsync',
    MIGRATION_DATABASE_URL: 'postgresql://owner:of-the-owner@db1,db2/fieldsync',
    DATABASE_READ_URL: 'postgresql://app:of-the-replica@db3/fieldsync?target_session_attrs=standby',
    DEVICE_TOKENS: 'ws_ridge/dev_scout=token-of-the-scout',
    METRICS_PORT: '9464',
    METRICS_TOKEN: 'a-token-of-at-least-sixteen-characters',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=of%20the%20collector',
  })
  expect(secretsOf(env).toSorted()).toEqual(
    [
      'of the app',
      'of%20the%20app',
      'of-the-owner',
      'of-the-owner',
      'of-the-replica',
      'of-the-replica',
      'token-of-the-scout',
      'a-token-of-at-least-sixteen-characters',
      'of the collector',
    ].toSorted(),
  )
})
