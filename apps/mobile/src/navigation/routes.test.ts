import { expect, it } from 'vitest'

import { parentOf, pathOf, type Route, routeOf } from './routes.ts'

const PLACES: readonly Route[] = [
  { screen: 'home' },
  { screen: 'new' },
  { screen: 'history' },
  { screen: 'observation', id: 'obs_20260211_0001' },
  { screen: 'edit', id: 'obs_20260211_0001' },
  { screen: 'correct', id: 'obs_20260211_0001' },
  { screen: 'conflicts' },
  { screen: 'conflict', id: 'observation/obs_1/000 1?#%' },
  { screen: 'fix', id: 'observation/obs_1/000 1?#%' },
  { screen: 'playbook' },
  { screen: 'value', playbookId: 'pbk_yolo_grape', pointer: '/rules/rule_pm/constraints/maxWindKph' },
  { screen: 'recommendations' },
  { screen: 'recommendation', id: 'rec_20260211_0001' },
  { screen: 'settings' },
]

it.each(PLACES)('$screen is found again by its path', (place) => {
  expect(routeOf(pathOf(place))).toEqual(place)
})

it.each(['/nowhere', '/new/note', '/history/1/2', '/history/1/edit/3', '/playbook/one', '/conflicts/1/2'])(
  '%s leads nowhere, and says so',
  (path) => {
    expect(routeOf(path)).toEqual({ screen: 'missing' })
  },
)

it('takes an address that is no encoding as it is', () => {
  expect(routeOf('/history/%zz')).toEqual({ screen: 'observation', id: '%zz' })
})

it('leads from every place to the top', () => {
  for (const place of PLACES) {
    let here: Route | null = place
    for (let step = 0; here !== null; step++) {
      expect(step).toBeLessThan(4)
      here = parentOf(here)
    }
  }
})
