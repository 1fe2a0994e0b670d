import { expect, it } from 'vitest'

import { ownPath } from './sign-in.ts'

it('[PEO-17] a browser that is back from a provider goes to a path of this server alone', () => {
  const own = ['/', '/people', '/devices?state=silent#top', '/a/../b']
  expect(own.map((path) => ownPath(path))).toEqual(['/', '/people', '/devices?state=silent#top', '/b'])
  const foreign = [
    undefined,
    '',
    'people',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '/\t/evil.example',
    '/\n/evil.example',
    ' //evil.example',
    '/a\\..\\..\\evil',
    '/a/..//evil.example',
    '/.//evil.example',
    '/%2e//evil.example',
  ]
  expect(foreign.map((path) => ownPath(path)).filter((path) => path !== '/')).toEqual([])
})
