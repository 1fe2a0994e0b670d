/** Spacing between and within elements, in points (CSS pixels). */
export const space = { hair: 2, xs: 4, s: 8, m: 12, l: 16, xl: 24, xxl: 32, huge: 48 } as const

/** Corner radii, in points. */
export const radius = { s: 6, m: 10, l: 16, round: 999 } as const

/** Sizes with a reason of their own, in points. */
export const size = {
  /** The minimum height and width of touch targets: a gloved thumb (WCAG 2.5.5 requires 44). */
  target: 48,
  /** The same where a mouse is available, for the console's dense lists (WCAG 2.5.8). */
  targetDense: 32,
  /** The width of the focus ring, and its offset. */
  focusWidth: 3,
  focusOffset: 2,
  /** The widest column of text that is still easy to read. */
  column: 720,
  /** From this width on there is room for two columns. */
  wide: 900,
  icon: 24,
} as const
