import { beforeEach, describe, expect, it } from 'vitest'

import { whileAt } from './navigation.ts'
import { phoneNavigation, type PhoneSystem } from './phone-navigation.ts'
import { routeOf } from './routes.ts'

/** The system around the app: its back button, and links that other apps open. */
class Phone implements PhoneSystem {
  pressBack = (): boolean => false
  follow = (_url: string): void => undefined
  startedBy: string | null = null

  readonly BackHandler = {
    addEventListener: (_type: 'hardwareBackPress', handler: () => boolean) => {
      this.pressBack = handler
    },
  }

  readonly Linking = {
    addEventListener: (_type: 'url', handler: (event: { url: string }) => void) => {
      this.follow = (url) => handler({ url })
    },
    getInitialURL: () => Promise.resolve(this.startedBy),
  }
}

let phone: Phone
beforeEach(() => {
  phone = new Phone()
})

describe('the back button of a phone', () => {
  it('leads to the screen before, and out of the app from the first', () => {
    const navigation = phoneNavigation(phone)
    navigation.go('/history')
    navigation.go('/history/obs_1')
    expect(phone.pressBack()).toBe(true)
    expect(navigation.path()).toBe('/history')
    expect(phone.pressBack()).toBe(true)
    expect(navigation.path()).toBe('/')
    expect(phone.pressBack()).toBe(false)
    expect(navigation.path()).toBe('/')
  })

  it('does not return to a screen that was replaced', () => {
    const navigation = phoneNavigation(phone)
    navigation.go('/history/obs_1/edit')
    navigation.replace('/conflicts/1')
    phone.pressBack()
    expect(navigation.path()).toBe('/')
  })

  it('[APP-61] keeps the end of a save from leading anywhere after it', () => {
    const navigation = phoneNavigation(phone)
    navigation.go('/history')
    navigation.go('/new')
    const leave = whileAt(navigation)
    phone.pressBack()
    leave.back('/')
    expect(navigation.path()).toBe('/history')
  })
})

describe('a link to a screen', () => {
  it('opens it when it starts the app, with Home behind it', async () => {
    phone.startedBy = 'fieldsync://history/obs_1'
    const navigation = phoneNavigation(phone)
    const seen: string[] = []
    navigation.subscribe(() => seen.push(navigation.path()))
    await expect.poll(() => seen).toEqual(['/history/obs_1'])
    phone.pressBack()
    expect(navigation.path()).toBe('/')
  })

  it.each([
    ['fieldsync://conflicts/observation%2Fobs_1%2F0001', '/conflicts/observation%2Fobs_1%2F0001'],
    ['fieldsync:///settings', '/settings'],
    ['fieldsync:/settings', '/settings'],
    ['FieldSync://new?from=mail#top', '/new'],
    ['fieldsync://', '/'],
  ])('%s leads to %s while the app runs', (url, path) => {
    const navigation = phoneNavigation(phone)
    navigation.go('/playbook')
    phone.follow(url)
    expect(navigation.path()).toBe(path)
    expect(routeOf(navigation.path()).screen).not.toBe('missing')
    phone.pressBack()
    expect(navigation.path()).toBe('/playbook')
  })

  it('adds nothing when it leads to where the app is', () => {
    const navigation = phoneNavigation(phone)
    phone.follow('fieldsync://new')
    phone.follow('fieldsync://new')
    phone.pressBack()
    expect(navigation.path()).toBe('/')
  })

  it('is none of this app’s with another scheme', () => {
    const navigation = phoneNavigation(phone)
    phone.follow('exp://127.0.0.1:8081/--/history')
    phone.follow('not-fieldsync://history')
    expect(navigation.path()).toBe('/')
  })
})
