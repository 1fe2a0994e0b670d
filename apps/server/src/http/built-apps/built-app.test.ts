import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'

import express from 'express'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { consoleHeaders } from '../security-headers.ts'
import { sendNotFound } from '../shell-response.ts'
import { type BuiltApp, builtApp } from './built-app.ts'

const HTML = '<!doctype html><title>Console</title>'
const OPENED = { headers: { accept: 'text/html,application/xhtml+xml;q=0.9' } }
let folder: string
let url: string
const parts = (): BuiltApp => ({
  folder,
  base: '',
  hashed: 'assets/',
  headers: consoleHeaders(false),
  others: /^\/(?:v1|trpc|docs)(?:\/|$)/u,
})
const server = createServer()

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-console-'))
  await mkdir(path.join(folder, 'assets'))
  await writeFile(path.join(folder, 'index.html'), HTML)
  await writeFile(path.join(folder, 'secret.json'), '{}')
  await writeFile(path.join(folder, 'assets', 'index-abc.js'), 'console.log(1)'.repeat(100))
  const app = express()
  for (const base of ['/app', ''] as const) {
    const served = builtApp({ ...parts(), base })
    if (!served) throw new Error('the app is there')
    app.use(served)
  }
  app.use(sendNotFound)
  server.on('request', app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  url = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`
})

afterAll(async () => {
  server.close()
  server.closeAllConnections()
  await rm(folder, { recursive: true, force: true })
})

it('[OPS-31][OPS-32] answers its first page to every address that a person opens, which may load its own files only', async () => {
  for (const address of [
    '/',
    '/devices',
    '/app',
    '/app/',
    '/app/notes',
    '/observations/obs_20260211_0001?text=x',
  ]) {
    const answer = await fetch(url + address, OPENED)
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe(HTML)
    expect(answer.headers.get('cache-control')).toBe('no-cache')
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe|https?:|\*/u)
  }
})

it('[OPS-32] is opened with a slash behind, where its service worker rules', async () => {
  const answer = await fetch(`${url}/app`, { ...OPENED, redirect: 'manual' })
  expect([answer.status, answer.headers.get('location')]).toEqual([308, '/app/'])
})

it('[OPS-31][OPS-32] serves its first page under its own name too, as a service worker requests it', async () => {
  for (const address of ['/index.html', '/app/index.html?__WB_REVISION__=1']) {
    const answer = await fetch(url + address)
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-cache'])
    expect(await answer.text()).toBe(HTML)
  }
})

it('[OPS-31] leaves programs, the API and unknown files their envelope', async () => {
  for (const address of ['/v1/none', '/trpc/none', '/docs/none', '/assets/none.js']) {
    expect((await fetch(url + address, OPENED)).status).toBe(404)
  }
  expect((await fetch(`${url}/devices`)).status).toBe(404)
  expect((await fetch(`${url}/devices`, { ...OPENED, method: 'POST' })).status).toBe(404)
})

it('[OPS-31] sends its files compressed and immutable, and nothing else from their folder', async () => {
  expect((await fetch(`${url}/app/assets/index-abc.js`)).status).toBe(200)
  const answer = await fetch(`${url}/assets/index-abc.js`)
  expect(answer.headers.get('content-encoding')).toBe('gzip')
  expect(answer.headers.get('cache-control')).toContain('immutable')
  expect(answer.headers.get('content-type')).toContain('text/javascript')
  expect((await fetch(`${url}/secret.json`)).status).toBe(404)
  expect((await fetch(`${url}/assets/..%2fsecret.json`)).status).toBe(404)
})

it('[OPS-31] is left out where it is not built', () => {
  expect(builtApp({ ...parts(), folder: path.join(folder, 'none') })).toBeUndefined()
})
