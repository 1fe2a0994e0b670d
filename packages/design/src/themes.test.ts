import { describe, expect, it } from 'vitest'

import type { Colors } from './colors.ts'
import { contrast } from './contrast.ts'
import { themes } from './themes.ts'

type Pair = readonly [what: string, one: string, other: string]

const grounds = ({ ground, surface, well }: Colors) => ({ ground, surface, well })

/** Body text: AAA. */
const texts = (colors: Colors): Pair[] => [
  ...Object.entries(grounds(colors)).flatMap(([on, color]): Pair[] => [
    [`ink on ${on}`, colors.ink, color],
    [`inkSoft on ${on}`, colors.inkSoft, color],
  ]),
  ['onPrimary', colors.onPrimary, colors.primary],
  ['onPrimary, pressed', colors.onPrimary, colors.primaryPressed],
  ['onPrimarySoft', colors.onPrimarySoft, colors.primarySoft],
  ['onDanger', colors.onDanger, colors.danger],
  ['onHeader', colors.onHeader, colors.header],
  ['onChanged', colors.onChanged, colors.changed],
  ...Object.entries(colors.tones).map(([tone, { ink, fill }]): Pair => [`tone ${tone}`, ink, fill]),
]

/** Colored text and links on the backgrounds: at least AA. */
const colored = (colors: Colors): Pair[] =>
  Object.entries(grounds(colors)).flatMap(([on, color]): Pair[] => [
    [`primary on ${on}`, colors.primary, color],
    [`danger on ${on}`, colors.danger, color],
  ])

/** Borders and rings that show what can be pressed. */
const edges = (colors: Colors): Pair[] =>
  Object.entries(grounds(colors)).flatMap(([on, color]): Pair[] => [
    [`edge on ${on}`, colors.edge, color],
    [`focus on ${on}`, colors.focus, color],
    ...Object.entries(colors.tones).map(([tone, { edge }]): Pair => [
      `edge of tone ${tone} on ${on}`,
      edge,
      color,
    ]),
  ])

const tooLow = (pairs: readonly Pair[], least: number): string[] =>
  pairs
    .filter(([, one, other]) => contrast(one, other) < least)
    .map(([what, one, other]) => `${what}: ${contrast(one, other).toFixed(2)}`)

describe.each(Object.entries(themes))('the %s theme', (_name, colors) => {
  it('has text that is read in the sun: AAA', () => {
    expect(tooLow(texts(colors), 7)).toEqual([])
  })

  it('has colored words that are read: AA', () => {
    expect(tooLow(colored(colors), 4.5)).toEqual([])
  })

  it('has edges and a focus ring that are seen', () => {
    expect(tooLow(edges(colors), 3)).toEqual([])
  })
})
