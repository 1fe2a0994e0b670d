import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

import { startPage } from './scripts/start-page.ts'
import { themeSheet } from './scripts/theme-sheet.ts'

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
