import { expect, it } from 'vitest'

import { Reauthentication } from './reauthentication.ts'

it('[APP-79] calls that wait at the same time are asked about once, and all go on with the one answer', async () => {
  const reauthentication = new Reauthentication()
  const shown: boolean[] = []
  const unsubscribe = reauthentication.subscribe(() => shown.push(reauthentication.isAsked()))
  const [first, second] = [reauthentication.ask(), reauthentication.ask()]
  expect(reauthentication.isAsked()).toBe(true)
  reauthentication.settle(true)
  expect(await Promise.all([first, second])).toEqual([true, true])
  const third = reauthentication.ask()
  reauthentication.settle(false)
  expect(await third).toBe(false)
  expect(shown).toEqual([true, false, true, false])
  unsubscribe()
  void reauthentication.ask()
  expect(shown.length).toBe(4)
})
