import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { gate } from '../testing/store-values.ts'
import { browserTabs, tabName } from './browser-tabs.ts'
import { useFakeIndexedDb } from './testing/fake-indexeddb.ts'

useFakeIndexedDb()
let names = 0

describe('the tabs of a browser', () => {
  let name = ''
  beforeEach(() => {
    name = `tabs ${(names += 1)}`
  })
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  /** Works under the lock until told, or until another takes it. */
  async function hold() {
    const taken = gate()
    const over = gate()
    const ran = browserTabs().alone({
      name,
      work: async (lost) => {
        lost.addEventListener('abort', over.open)
        taken.open()
        await over.opened
      },
    })
    await taken.opened
    return { ran, letGo: over.open }
  }
  const tryOnce = (): Promise<boolean> => browserTabs().alone({ name, work: () => Promise.resolve() })

  it.each([
    ['a lock of the browser', navigator],
    ['a lease, without a secure context', {}],
  ])('[LIV-11] work alone under a name, by %s', async (_, platform) => {
    vi.stubGlobal('navigator', platform)
    const holder = await hold()
    expect(await tryOnce()).toBe(false)
    holder.letGo()
    expect(await holder.ran).toBe(true)
    expect(await tryOnce()).toBe(true)
  })

  it('[LIV-11] take a lock from one that no longer answers, which is told', async () => {
    const holder = await hold()
    expect(
      await browserTabs().alone({ name, steal: true, work: () => holder.ran.then(() => undefined) }),
    ).toBe(true)
    expect(await holder.ran).toBe(true)
  })

  it('[LIV-11] hear what another says on a channel, and nothing on one that was closed', async () => {
    const heard: unknown[] = []
    const said = gate()
    const closed = browserTabs().channel(name, (message) => heard.push(message))
    closed.close()
    const listening = browserTabs().channel(name, (message) => {
      heard.push(message)
      said.open()
    })
    const speaking = browserTabs().channel(name, (message) => heard.push(message))
    speaking.post('a poke')
    await said.opened
    expect(heard).toEqual(['a poke'])
    listening.close()
    speaking.close()
  })

  it('say and hear nothing where there are no channels', () => {
    vi.stubGlobal('BroadcastChannel', undefined)
    const channel = browserTabs().channel(name, () => expect.unreachable())
    channel.post('a poke')
    channel.close()
  })

  it.each([true, false])('know whether a person can see them (%s)', (isVisible) => {
    vi.stubGlobal('document', { visibilityState: isVisible ? 'visible' : 'hidden' })
    expect(browserTabs().isVisible()).toBe(isVisible)
  })
})

describe('the name of a tab', () => {
  const session = (stored: Record<string, string> = {}) => ({
    getItem: (key: string) => stored[key] ?? null,
    setItem: (key: string, value: string) => {
      stored[key] = value
    },
  })
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  it('is kept over a reload, and a copy of the tab gets another', async () => {
    vi.stubGlobal('sessionStorage', session({ 'fieldsync-tab': 'before' }))
    const tab = await tabName()
    expect(tab.own).toBe('before')
    // A copy begins with the storage of the first, which still lives.
    const copy = await tabName()
    expect(copy.own).not.toBe('before')
    expect(sessionStorage.getItem('fieldsync-tab')).toBe(copy.own)
    expect([...(await tab.alive())]).toEqual(expect.arrayContaining(['before', copy.own]))
  })

  it('is new in a new tab, and where the browser keeps nothing', async () => {
    vi.stubGlobal('sessionStorage', session())
    const fresh = await tabName()
    expect(sessionStorage.getItem('fieldsync-tab')).toBe(fresh.own)
    const refuse = () => {
      throw new DOMException('forbidden', 'SecurityError')
    }
    vi.stubGlobal('sessionStorage', { getItem: refuse, setItem: refuse })
    const other = await tabName()
    expect(other.own).not.toBe(fresh.own)
    expect((await other.alive()).has(other.own)).toBe(true)
  })

  it('is kept without a secure context as well, where every other tab counts as gone', async () => {
    vi.stubGlobal('navigator', {})
    vi.stubGlobal('sessionStorage', session({ 'fieldsync-tab': 'kept' }))
    const tab = await tabName()
    expect(tab.own).toBe('kept')
    expect(await tab.alive()).toEqual(new Set())
  })
})
