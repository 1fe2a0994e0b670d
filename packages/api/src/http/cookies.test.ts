import type { Request, Response } from 'express'
import { expect, it } from 'vitest'

import type { ApiParts } from '../core/api-context.ts'
import { allowsCookies, clearCookie, readCookie, setCookie } from './cookies.ts'

const at = (address: string) => ({ publicUrl: address }) as ApiParts
const asking = (cookie?: string) => ({ headers: { cookie } }) as Request

function set(address: string): string[] {
  const lines: string[] = []
  const res = { appendHeader: (_: string, line: string) => lines.push(line) } as unknown as Response
  setCookie(at(address), asking(), res, 'session', 'a b')
  clearCookie(at(address), asking(), res, 'challenge')
  return lines
}

it('[PEO-14] cookies are bound to the host under https, plain on this machine, and none elsewhere', () => {
  expect(set('https://sync.example.com/fieldsync')).toEqual([
    '__Host-fieldsync_session=a%20b; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure',
    '__Host-fieldsync_challenge=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure',
  ])
  expect(set('http://127.0.0.1:8787')[0]).toBe(
    'fieldsync_session=a%20b; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax',
  )
  const local = ['http://localhost:1', 'http://[::1]:1', 'http://127.8.9.1', 'http://farm.localhost']
  const open = [
    'http://192.168.1.7:8787',
    'http://farm.example',
    'http://127.0.0.1.example',
    'http://localhost.example',
  ]
  expect(local.filter((address) => !allowsCookies(at(address), asking()))).toEqual([])
  expect(open.filter((address) => allowsCookies(at(address), asking()))).toEqual([])
  expect(set('http://192.168.1.7:8787')).toEqual([])
})

it('[PEO-14] reads the cookie of this address alone, and none that is given twice', () => {
  const read = (address: string, cookie?: string) => readCookie(at(address), asking(cookie), 'session')
  const https = 'https://sync.example.com'
  expect(read(https, 'a=1; __Host-fieldsync_session=t%20x; b=2')).toBe('t x')
  // A page of a neighboring host can set this name, but not the one with the prefix.
  expect(read(https, 'fieldsync_session=other')).toBeUndefined()
  expect(read('http://127.0.0.1', 'fieldsync_session=t')).toBe('t')
  expect(read('http://127.0.0.1', 'fieldsync_session=t; fieldsync_session=u')).toBeUndefined()
  expect(read('http://127.0.0.1', 'fieldsync_session=%E0%A4%A')).toBeUndefined()
  expect(read('http://127.0.0.1', 'fieldsync_session=')).toBeUndefined()
  expect(read('http://192.168.1.7', 'fieldsync_session=t')).toBeUndefined()
  expect(read(https)).toBeUndefined()
})
