import { type Colors, fonts, text, type TextStyle, type ThemeName, themes } from '@fieldsync/design'
import { createContext, use } from 'react'
import { Platform } from 'react-native'

export type Theme = { readonly name: ThemeName; readonly colors: Colors }

export const ThemeContext = createContext<Theme>({ name: 'light', colors: themes.light })

export const useColors = (): Colors => use(ThemeContext).colors

export type Typography = keyof typeof text

/** A style of letters for React Native; on a phone the system's own family comes by itself. */
export function typographyOf(name: Typography): TextStyle & { fontFamily?: string } {
  return Platform.OS === 'web' ? { ...text[name], fontFamily: fonts.body } : text[name]
}
