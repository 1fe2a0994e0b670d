import { readFileSync } from 'node:fs'
import path from 'node:path'

import { cssVariables, startPage as pageOf } from '@fieldsync/design'
import {
  convertCssVariables,
  defaultCssVariablesResolver,
  mergeMantineTheme,
  DEFAULT_THEME,
} from '@mantine/core'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

import { libraryStyles } from './scripts/library-styles.ts'
import { consoleTheme } from './src/theme/console-theme.ts'

export default defineConfig({
  plugins: [react(), themeSheet(), startPage()],
  build: {
    target: 'es2022',
    // What the browser asks for by itself when a page is opened is what the shell's size is measured by.
    manifest: true,
    // A style sheet or picture in a data: address would need more than the server's policy allows.
    assetsInlineLimit: 0,
  },
})

const THEME_SHEET = 'virtual:theme.css'

/**
 * The component library's styles, the design, and what the library makes of it, as one style sheet at build time: written into the page by
 * script, as the library would do it, it would need a policy that allows any style.
 */
function themeSheet(): Plugin {
  return {
    name: 'theme-sheet',
    resolveId: (id) => (id === THEME_SHEET ? `\0${THEME_SHEET}` : undefined),
    load: (id) =>
      id === `\0${THEME_SHEET}` ? `${libraryStyles()}\n${cssVariables()}\n${libraryVariables()}` : undefined,
  }
}

function libraryVariables(): string {
  const theme = mergeMantineTheme(DEFAULT_THEME, consoleTheme)
  return convertCssVariables(defaultCssVariablesResolver(theme), ':root')
}

const START_PAGE = path.resolve(import.meta.dirname, '../../packages/design/src/start-page')

const isHashed = (file: string): boolean => file.startsWith('/assets/')

/** The page's files are loaded by the starting script, which knows of those of every page too (APP-40, APP-41). */
function startPage(): Plugin {
  return {
    name: 'start-page',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (html, { bundle = {} }) => {
        const all = Object.values(bundle).filter(
          ({ type, fileName }) => type === 'chunk' || fileName.endsWith('.css'),
        )
        const files = all.map(({ fileName }) => `/${fileName}`)
        const later = files.filter((file) => isHashed(file) && !html.includes(`"${file}"`))
        return pageOf(html, { base: '', isHashed, later })
      },
    },
    generateBundle() {
      for (const fileName of ['start.js', 'start.css'])
        this.emitFile({ type: 'asset', fileName, source: readFileSync(path.join(START_PAGE, fileName)) })
    },
  }
}
