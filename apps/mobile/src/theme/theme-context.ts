import { type Colors, type ThemeName, themes } from '@fieldsync/design'
import { createContext, use } from 'react'

export type Theme = { readonly name: ThemeName; readonly colors: Colors }

export const ThemeContext = createContext<Theme>({ name: 'light', colors: themes.light })

export const useColors = (): Colors => use(ThemeContext).colors
