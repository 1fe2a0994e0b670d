import { expect, it } from 'vitest'

import { isGuessable } from './guessable.ts'

const rosa = ['Rosa Quispe', 'rosa.quispe@vinedos.example', 'Viñedos del Valle']

it.each([
  'password1234',
  'P@ssw0rd1234',
  'passwordpassword',
  '123456789012',
  'qwertyuiop123',
  '1qaz2wsx3edc',
  'aaaaaaaaaaaa',
  'administrator',
  'iloveyou2026',
  'abcdefghijkl',
  'a'.repeat(128),
])('[PEO-21] %s is one of the first that are tried', async (password) => {
  expect(await isGuessable(password, rosa)).toBe(true)
})

it.each(['rosa.quispe26', 'Fieldsync2026', 'vinedos12345', 'quispequispe', 'ROSA.Quispe-1'])(
  '[PEO-21] %s is what is known of the person or the product',
  async (password) => {
    expect(await isGuessable(password, rosa)).toBe(true)
  },
)

it.each([
  'a long enough password',
  'correct horse battery staple',
  'un viñedo grande y verde',
  'kT7$wq9ZpLx2',
  'Die Reben am Hang 7',
])('[PEO-21] %s is not', async (password) => {
  expect(await isGuessable(password, rosa)).toBe(false)
})

it('[PEO-21] a password is guessable for whom it names', async () => {
  expect(await isGuessable('wenceslao-1998', ['Ana'])).toBe(false)
  expect(await isGuessable('wenceslao-1998', ['Wenceslao Paz'])).toBe(true)
})
