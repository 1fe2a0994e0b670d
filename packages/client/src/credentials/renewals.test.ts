import { describe, expect, it } from 'vitest'

import type { CredentialProvider } from './credential-provider.ts'
import { Renewals } from './renewals.ts'

/** A provider whose renewals a test lets succeed or fail. */
function provider() {
  const asked: string[] = []
  const given: ((renewed: boolean | Error) => void)[] = []
  const credentials: CredentialProvider = {
    headers: () => ({}),
    renew: (action) => {
      asked.push(action)
      return new Promise((resolve, reject) => {
        given.push((renewed) => (typeof renewed === 'boolean' ? resolve(renewed) : reject(renewed)))
      })
    },
  }
  return { asked, given, renewals: new Renewals(credentials) }
}

describe('renewing a credential', () => {
  it('happens once for all calls that were refused with the same one', async () => {
    const { asked, given, renewals } = provider()
    const both = Promise.all([renewals.after('new_token', 0), renewals.after('new_token', 0)])
    given[0]?.(true)
    expect(await both).toEqual([true, true])
    expect(asked).toEqual(['new_token'])
  })

  it('[ENG-28] happens for each action, where calls were refused for several reasons at the same time', async () => {
    const { asked, given, renewals } = provider()
    const both = Promise.all([renewals.after('new_token', 0), renewals.after('re_enrol', 0)])
    given[0]?.(true)
    given[1]?.(false)
    expect(await both).toEqual([true, false])
    expect(asked).toEqual(['new_token', 're_enrol'])
  })

  it('is not needed for a call that was sent before the last one', async () => {
    const { asked, given, renewals } = provider()
    const first = renewals.after('new_token', renewals.generation)
    given[0]?.(true)
    await first
    expect(await renewals.after('new_token', 0)).toBe(true)
    expect(asked).toHaveLength(1)
    void renewals.after('new_token', renewals.generation)
    expect(asked).toHaveLength(2)
  })

  it('that leaves it to a person, or fails, can be requested again', async () => {
    const { asked, given, renewals } = provider()
    const refused = renewals.after('re_enrol', 0)
    given[0]?.(false)
    expect(await refused).toBe(false)
    const failed = renewals.after('re_enrol', 0)
    given[1]?.(new Error('no network'))
    await expect(failed).rejects.toThrow('no network')
    const renewed = renewals.after('re_enrol', 0)
    given[2]?.(true)
    expect(await renewed).toBe(true)
    expect(asked).toHaveLength(3)
  })

  it('is reported to callers that wait for a new credential, as is one from a person', async () => {
    const { given, renewals } = provider()
    let changes = 0
    const stop = renewals.onChange(() => changes++)
    renewals.changed()
    const renewed = renewals.after('new_token', renewals.generation)
    given[0]?.(true)
    await renewed
    stop()
    renewals.changed()
    expect([changes, renewals.generation]).toEqual([2, 3])
  })
})
