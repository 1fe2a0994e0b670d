/** The platform's own fonts: nothing to load, and familiar on the platform. */
export const fonts = {
  body: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif",
  mono: "ui-monospace, SFMono-Regular, Menlo, 'Noto Sans Mono', 'Liberation Mono', monospace",
} as const

export type TextStyle = {
  readonly fontSize: number
  readonly lineHeight: number
  readonly fontWeight: '400' | '500' | '600' | '700'
}

/** Sizes in points. Nothing below 14, and text that a scout reads outdoors is 17. */
export const text = {
  title: { fontSize: 26, lineHeight: 32, fontWeight: '700' },
  heading: { fontSize: 20, lineHeight: 26, fontWeight: '700' },
  body: { fontSize: 17, lineHeight: 24, fontWeight: '400' },
  bodyStrong: { fontSize: 17, lineHeight: 24, fontWeight: '600' },
  label: { fontSize: 15, lineHeight: 20, fontWeight: '600' },
  note: { fontSize: 15, lineHeight: 21, fontWeight: '400' },
  small: { fontSize: 14, lineHeight: 18, fontWeight: '500' },
  number: { fontSize: 28, lineHeight: 34, fontWeight: '700' },
} as const satisfies Readonly<Record<string, TextStyle>>
