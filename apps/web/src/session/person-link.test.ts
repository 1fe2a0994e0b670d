import { expect, it } from 'vitest'

import { readPersonLink, readProviderError } from './person-link.ts'

const CODE = '0123-4567-89AB'

it.each([
  ['/accept', `#${CODE}`, { kind: 'accept', code: CODE }],
  ['/reset', `#${CODE}`, { kind: 'reset', code: CODE }],
  // As some mail programs write it.
  ['/accept', '#0123%2D4567%20', { kind: 'accept', code: '0123-4567' }],
  ['/accept', '#%E0%A4%A', { kind: 'accept', code: '%E0%A4%A' }],
  ['/accept', '', undefined],
  ['/accept', '#', undefined],
  ['/accept/more', `#${CODE}`, undefined],
  ['/', `#${CODE}`, undefined],
  ['/toString', `#${CODE}`, undefined],
])('[APP-77] %s%s is read as a link of a person, or not', (pathname, hash, link) => {
  expect(readPersonLink({ pathname, hash })).toEqual(link)
})

it('[APP-76] why a provider’s sign-in has failed leaves the address, and what is not known is a general failure', () => {
  expect(readProviderError('https://farm.example/devices?sign-in-error=cancelled&state=active')).toEqual({
    error: 'cancelled',
    rest: '/devices?state=active',
  })
  expect(readProviderError('https://farm.example/?sign-in-error=%3Cscript%3E')).toEqual({
    error: 'unavailable',
    rest: '/',
  })
  expect(readProviderError('https://farm.example/syncs#x')).toEqual({ error: null, rest: '/syncs#x' })
})
