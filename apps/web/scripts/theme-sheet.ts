import { cssVariables } from '@fieldsync/design'
import {
  convertCssVariables,
  defaultCssVariablesResolver,
  mergeMantineTheme,
  DEFAULT_THEME,
} from '@mantine/core'
import type { Plugin } from 'vite'

import { consoleTheme } from '../src/theme/console-theme.ts'

const NAME = 'virtual:theme.css'

/**
 * The design, and what the component library makes of it, as one style sheet at build time: written into the page by
 * script, as the library would do it, it would need a policy that allows any style.
 */
export function themeSheet(): Plugin {
  return {
    name: 'theme-sheet',
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    load: (id) => (id === `\0${NAME}` ? `${cssVariables()}\n${libraryVariables()}` : undefined),
  }
}

function libraryVariables(): string {
  const theme = mergeMantineTheme(DEFAULT_THEME, consoleTheme)
  return convertCssVariables(defaultCssVariablesResolver(theme), ':root')
}
