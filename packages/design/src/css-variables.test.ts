import { expect, it } from 'vitest'

import { cssVariables } from './css-variables.ts'
import { themes } from './themes.ts'

it('gives every color of both themes, and lets the page choose against the platform', () => {
  const css = cssVariables()
  const blocks = css.split('}\n')
  const block = (selector: string) => blocks.find((each) => each.includes(`${selector} {`)) ?? ''
  expect(block(":root[data-theme='light']")).toContain(`--color-primary-soft: ${themes.light.primarySoft};`)
  expect(block(":root[data-theme='dark']")).toContain(`--color-primary-soft: ${themes.dark.primarySoft};`)
  expect(block(":root:not([data-theme='light'])")).toContain(`--color-ground: ${themes.dark.ground};`)
  expect(css).toContain(`--color-tone-clash-ink: ${themes.light.tones.clash.ink};`)
})

it('gives lengths in the person’s own letters’ size', () => {
  expect(cssVariables()).toContain('--size-target: 3rem;')
  expect(cssVariables()).toContain('--text-body: 400 1.0625rem/1.5rem system-ui')
})
