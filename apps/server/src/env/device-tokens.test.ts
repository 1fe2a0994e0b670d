import { describe, expect, it } from 'vitest'

import { deviceTokens } from './device-tokens.ts'

const messagesOf = (text: string) =>
  deviceTokens.safeParse(text).error?.issues.map((issue) => issue.message) ?? []

describe('DEVICE_TOKENS', () => {
  it('[RUN-4] reads workspace, device, role and token; the role defaults to agronomist', () => {
    expect(deviceTokens.parse('ws_a/dev_one=token-one-0123456,ws_b/dev_two#scout=token-two-0123456')).toEqual(
      [
        { workspaceId: 'ws_a', deviceId: 'dev_one', role: 'agronomist', token: 'token-one-0123456' },
        { workspaceId: 'ws_b', deviceId: 'dev_two', role: 'scout', token: 'token-two-0123456' },
      ],
    )
  })

  it('keeps every = after the first, and / and # in a token', () => {
    const [device] = deviceTokens.parse('ws_a/dev_one=a/b#c==')
    expect(device?.token).toBe('a/b#c==')
  })

  it('passes over spaces and empty entries', () => {
    expect(deviceTokens.parse(' ws_a/dev_one=t1 , ,ws_a/dev_two=t2,')).toHaveLength(2)
  })

  it.each([
    ['canary-token', 'entry 1: must look like workspaceId/deviceId#role=token'],
    [
      'ws_a/dev_one#boss=canary',
      'entry 1: the role of ws_a/dev_one must be one of viewer, scout, agronomist, admin',
    ],
    [
      'ws_a/dev_one#service=canary',
      'entry 1: the role of ws_a/dev_one must be one of viewer, scout, agronomist, admin',
    ],
    ['ws_a/one=canary', 'entry 1: the device id in ws_a must look like dev_scout_1'],
    ['ws a/dev_one=canary', 'entry 1: the workspace id before the slash must look like ws_demo'],
    ['ws_a/dev_one=', 'entry 1: the token of ws_a/dev_one must be 1 to 512 visible ASCII characters'],
    ['ws_a/dev_one=can ary', 'entry 1: the token of ws_a/dev_one must be 1 to 512 visible ASCII characters'],
  ])('refuses %j and says why, without the token', (text, message) => {
    expect(messagesOf(text)).toEqual([message])
    expect(messagesOf(text).join()).not.toContain('canary')
  })

  it('refuses a device twice and one token for two devices, all at once', () => {
    const text = 'ws_a/dev_one=t1,ws_a/dev_one=t2,ws_a/dev_two=t1,nonsense'
    expect(messagesOf(text)).toEqual([
      'entry 2: ws_a/dev_one is listed twice',
      'entry 3: ws_a/dev_two has the token of an earlier entry',
      'entry 4: must look like workspaceId/deviceId#role=token',
    ])
  })
})
