/** Distances between and within things, in points (CSS pixels). */
export const space = { hair: 2, xs: 4, s: 8, m: 12, l: 16, xl: 24, xxl: 32, huge: 48 } as const

/** How round corners are, in points. */
export const radius = { s: 6, m: 10, l: 16, round: 999 } as const

/** Sizes with a reason of their own, in points. */
export const size = {
  /** The least height and width of what is pressed: a gloved thumb (WCAG 2.5.5 asks for 44). */
  target: 48,
  /** The same where a mouse is at hand, for the console's dense lists (WCAG 2.5.8). */
  targetDense: 32,
  /** The width of the ring around what the keyboard is at, and its distance. */
  focusWidth: 3,
  focusOffset: 2,
  /** A column of text that is still read with ease. */
  column: 720,
  /** From here on there is room for two columns. */
  wide: 900,
  icon: 24,
} as const
