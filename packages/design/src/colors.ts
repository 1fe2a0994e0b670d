/** Bright day and night. */
export type ThemeName = 'light' | 'dark'

/**
 * What a colored mark says, besides its words and its sign: `waiting` here and not sent · `moving` under way · `settled`
 * at the server · `clash` two versions, a person decides · `broken` refused, a person repairs · `calm` nothing to say.
 */
export type Tone = 'calm' | 'waiting' | 'moving' | 'settled' | 'clash' | 'broken'

/** Words and signs in `ink` on a patch of `fill`, which ends at `edge`. */
export type ToneColors = { readonly ink: string; readonly fill: string; readonly edge: string }

/** Every color by what it is for; `#RRGGBB`. */
export type Colors = {
  /** The page itself. */
  readonly ground: string
  /** Cards and bars that lie on the page. */
  readonly surface: string
  /** Something pressed in: fields to fill in, the other half of a comparison. */
  readonly well: string
  /** Main text. */
  readonly ink: string
  /** Second text: times, explanations. */
  readonly inkSoft: string
  /** Lines that part things. */
  readonly line: string
  /** Edges of what can be pressed or filled in. */
  readonly edge: string
  /** The one thing to do on a screen, and what is chosen. */
  readonly primary: string
  readonly primaryPressed: string
  readonly onPrimary: string
  /** Patches of what is chosen, lightly. */
  readonly primarySoft: string
  readonly onPrimarySoft: string
  /** What cannot be taken back. */
  readonly danger: string
  readonly onDanger: string
  /** The bar at the top. */
  readonly header: string
  readonly onHeader: string
  /** The ring around what the keyboard is at. */
  readonly focus: string
  /** What was changed, within a text. */
  readonly changed: string
  readonly onChanged: string
  readonly tones: Readonly<Record<Tone, ToneColors>>
}
