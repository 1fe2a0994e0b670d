/**
 * Texts by key. A text names its values in double braces, `Synced at {{time}}`; one that depends on a number has two
 * entries, `notes_one` and `notes_other`, and is asked for as `notes` with a `count`.
 */
export type Catalogue = Readonly<Record<string, string>>

/** The same keys in another language. */
export type Translation<C extends Catalogue> = { readonly [K in keyof C]: string }

type WithoutPlural<K> = K extends `${infer Base}_one` | `${infer Base}_other` ? Base : K

/** What can be asked of a catalogue. */
export type KeyOf<C extends Catalogue> = Extract<WithoutPlural<keyof C>, string>

type NamesIn<Text> = Text extends `${string}{{${infer Name}}}${infer Rest}` ? Name | NamesIn<Rest> : never

type TextOf<C extends Catalogue, K extends string> = K extends keyof C ? C[K] : C[`${K}_other` & keyof C]
type CountOf<C extends Catalogue, K extends string> = K extends keyof C ? never : 'count'

type Value<Name> = Name extends 'count' ? number : string

type ValuesOf<Names extends string> = [Names] extends [never]
  ? []
  : [values: { readonly [Name in Names]: Value<Name> }]

/** The text of a key in one language; the type asks for exactly the values that the text names. */
export type Translate<C extends Catalogue> = <K extends KeyOf<C>>(
  key: K,
  ...values: ValuesOf<NamesIn<TextOf<C, K>> | CountOf<C, K>>
) => string
