import type { ThemeName } from './colors.ts'
import { radius, size, space } from './measures.ts'
import { themes } from './themes.ts'
import { fonts, text } from './typography.ts'

/**
 * The design as CSS custom properties, for pages with style sheets: `--color-primary-soft`, `--color-tone-clash-ink`,
 * `--space-m`, `--radius-l`, `--size-target`, `--text-body` (the value of `font`), `--font-mono`. The theme follows the
 * platform, and `data-theme="light"` or `"dark"` on the root element overrules it.
 */
export function cssVariables(): string {
  const shared = [
    ...measures('space', space),
    ...measures('radius', radius),
    ...measures('size', size),
    ...Object.entries(fonts).map(([name, value]) => `--font-${name}: ${value};`),
    ...Object.entries(text).map(
      ([name, { fontSize, lineHeight, fontWeight }]) =>
        `--text-${dashed(name)}: ${fontWeight} ${rem(fontSize)}/${rem(lineHeight)} ${fonts.body};`,
    ),
  ]
  return [
    rule(':root', shared),
    rule(":root, :root[data-theme='light']", colorsOf('light')),
    `@media (prefers-color-scheme: dark) {\n${rule(":root:not([data-theme='light'])", colorsOf('dark'))}}\n`,
    rule(":root[data-theme='dark']", colorsOf('dark')),
  ].join('\n')
}

function colorsOf(theme: ThemeName): string[] {
  const { tones, ...plain } = themes[theme]
  return [
    `color-scheme: ${theme};`,
    ...Object.entries(plain).map(([name, value]) => `--color-${dashed(name)}: ${value};`),
    ...Object.entries(tones).flatMap(([tone, parts]) =>
      Object.entries(parts).map(([part, value]) => `--color-tone-${tone}-${part}: ${value};`),
    ),
  ]
}

const measures = (kind: string, values: Readonly<Record<string, number>>): string[] =>
  Object.entries(values).map(([name, value]) => `--${kind}-${dashed(name)}: ${rem(value)};`)

const rule = (selector: string, lines: readonly string[]): string =>
  `${selector} {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`

/** Relative to the person's own font size. */
const rem = (points: number): string => `${points / 16}rem`

const dashed = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
