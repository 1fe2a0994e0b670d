import { fonts, text, type TextStyle } from '@fieldsync/design'
import { Platform } from 'react-native'

export type Typography = keyof typeof text

/** A style of letters for React Native; on a phone the system's own family comes by itself. */
export function typographyOf(name: Typography): TextStyle & { fontFamily?: string } {
  return Platform.OS === 'web' ? { ...text[name], fontFamily: fonts.body } : text[name]
}
