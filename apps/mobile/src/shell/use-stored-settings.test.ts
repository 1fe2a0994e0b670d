import { expect, it } from 'vitest'

import { readAgain } from './use-stored-settings.ts'

const failing = (times: number) => {
  let left = times
  return () => (left-- > 0 ? Promise.reject(new Error('the key store is locked')) : Promise.resolve('{}'))
}

it('[APP-9] settings that cannot be read for a moment are read again, and never taken for none', async () => {
  expect(await readAgain(failing(2), [0, 0])).toBe('{}')
  await expect(readAgain(failing(3), [0, 0])).rejects.toThrow('locked')
})
