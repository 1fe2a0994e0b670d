import { expect, it } from 'vitest'

import { clientIdOf } from './oauth.ts'

it('[IDS-3] a client id names workspace and device', () => {
  expect(clientIdOf('ws_ridge', 'dev_scout_1')).toBe('ws_ridge/dev_scout_1')
})
