/** Light and dark. */
export type ThemeName = 'light' | 'dark'

/**
 * What a colored badge means, besides its text and its icon: `waiting` here and not sent · `moving` in progress ·
 * `settled` at the server · `clash` two versions, a person decides · `broken` refused, a person repairs · `calm`
 * nothing to report.
 */
export type Tone = 'calm' | 'waiting' | 'moving' | 'settled' | 'clash' | 'broken'

/** Text and icons in `ink` on a background of `fill` with a border of `edge`. */
export type ToneColors = { readonly ink: string; readonly fill: string; readonly edge: string }

/** Every color by its purpose; `#RRGGBB`. */
export type Colors = {
  /** The page itself. */
  readonly ground: string
  /** Cards and bars on the page. */
  readonly surface: string
  /** Sunken areas: input fields, the other half of a comparison. */
  readonly well: string
  /** Main text. */
  readonly ink: string
  /** Secondary text: times, explanations. */
  readonly inkSoft: string
  /** Separator lines. */
  readonly line: string
  /** Borders of what can be pressed or filled in. */
  readonly edge: string
  /** The primary action of a screen, and what is selected. */
  readonly primary: string
  readonly primaryPressed: string
  readonly onPrimary: string
  /** Light background of what is selected. */
  readonly primarySoft: string
  readonly onPrimarySoft: string
  /** What cannot be undone. */
  readonly danger: string
  readonly onDanger: string
  /** The bar at the top. */
  readonly header: string
  readonly onHeader: string
  /** The focus ring. */
  readonly focus: string
  /** What was changed, within a text. */
  readonly changed: string
  readonly onChanged: string
  readonly tones: Readonly<Record<Tone, ToneColors>>
}
