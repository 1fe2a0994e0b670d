import { readFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { startPage } from './start-page.ts'

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <link rel="stylesheet" href="/app/plain.css" />
    <script type="module" crossorigin src="/app/static/index-a.js"></script>
    <link rel="modulepreload" crossorigin href="/app/static/part-b.js">
    <link rel="stylesheet" crossorigin href="/app/static/index-c.css">
  </head>
  <body>
    <div id="root"></div>
  </body>
</html>`
const isHashed = (file: string): boolean => file.startsWith('/app/static/')

describe('the page that an app starts from', () => {
  it('[APP-40] names its hashed files for the starting script alone, and has no code in it', () => {
    const page = startPage(PAGE, { base: '/app', isHashed, later: ['/app/static/later-d.js'] })
    expect(page.match(/<script\b.*/g)).toEqual([
      '<script src="/app/start.js" data-type="module" data-script="/app/static/index-a.js" data-styles="/app/static/index-c.css" ' +
        'data-files="/app/static/part-b.js" data-later="/app/static/later-d.js"></script>',
    ])
    expect(page.match(/<link\b.*/g)).toEqual([
      '<link rel="stylesheet" href="/app/plain.css" />',
      '<link rel="stylesheet" href="/app/start.css" />',
    ])
    expect(page).not.toMatch(/style=| on\w+=/)
  })

  it('[APP-43] has words in it before there is a script', () => {
    const page = startPage(PAGE, { base: '', isHashed })
    expect(page).toMatch(/<div id="root">\s*<div class="starting">[^]*Reload[^]*Recargar/)
  })

  it('is not made of a page that has no script or no place for the app', () => {
    for (const page of [PAGE.replace(/<script.*/, ''), PAGE.replace('id="root"', '')])
      expect(() => startPage(page, { base: '', isHashed })).toThrow('without a script or #root')
  })
})

it('[APP-40] the start script is plain JavaScript that a browser runs unchanged', () => {
  const script = readFileSync(path.join(import.meta.dirname, 'start.js'), 'utf8')
  expect(script).not.toMatch(/^\s*(?:import|export)\b/m)
  expect(script).not.toMatch(/innerHTML|eval\(|\?\.|\?\?/)
})
