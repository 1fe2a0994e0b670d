import { expect, it } from 'vitest'

import {
  consoleLink,
  enrollmentLink,
  isEnrollmentCode,
  normalizedCode,
  readEnrollmentLink,
} from './enrollment.ts'

const CODE = '7XWBV-XEM5A-DB0KH-0T0W0-315N3Y'

it.each(['https://sync.example.com', 'http://127.0.0.1:8787', 'https://farm.example/fieldsync'])(
  '[ENR-1] the links to %s hold address and code',
  (address) => {
    for (const link of [enrollmentLink(address, CODE), consoleLink(address, CODE)]) {
      expect(new URL(link).hash).toBe(`#enroll=${CODE}`)
      expect(readEnrollmentLink(link)).toEqual({ address, code: CODE })
      expect(readEnrollmentLink(` ${link}\n`)).toEqual({ address, code: CODE })
      expect(readEnrollmentLink(link.replace('/app/', '/app'))).toEqual({ address, code: CODE })
    }
  },
)

it.each([
  '',
  CODE,
  'https://sync.example.com/app/',
  `ftp://sync.example.com/app/#enroll=${CODE}`,
  `Open https://sync.example.com/app/#enroll=${CODE}`,
  `https:///#enroll=${CODE}`,
  `https://sync.example.com/app/?enroll=${CODE}`,
  `https://sync.example.com/app/#enroll=${CODE}&x=1`,
  'https://sync.example.com/app/#enroll=short',
])('[ENR-1] “%s” is no such link', (text) => {
  expect(readEnrollmentLink(text)).toBeUndefined()
})

it.each([
  CODE,
  CODE.toLowerCase(),
  CODE.replaceAll('-', ''),
  CODE.replaceAll('-', ' '),
  CODE.replaceAll('-', ' - '),
  ` ${CODE}\n`,
  `${CODE.slice(0, -1)}-${CODE.slice(-1)}-`,
])('[ENR-1] “%s” is the code, however it is typed', (text) => {
  expect(isEnrollmentCode(text)).toBe(true)
  expect(normalizedCode(text)).toBe('7XWBVXEM5ADB0KH0T0W0315N3Y')
})

it('[ENR-1] letters that look like digits are these digits', () => {
  expect(normalizedCode('oOiI-lL')).toBe('001111')
})

it.each([
  '',
  CODE.slice(0, -1),
  `${CODE}0`,
  `-${CODE}`,
  `_${CODE}`,
  `${CODE}.`,
  CODE.replaceAll('-', '.'),
  CODE.replace('X', 'Ñ'),
])('[ENR-1] “%s” is no code', (text) => {
  expect(isEnrollmentCode(text)).toBe(false)
})
