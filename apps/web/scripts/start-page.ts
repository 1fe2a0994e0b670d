import { readFileSync } from 'node:fs'
import path from 'node:path'

import { startPage as pageOf } from '@fieldsync/design'
import type { Plugin } from 'vite'

const FOLDER = path.resolve(import.meta.dirname, '../../../packages/design/src/start-page')

const isHashed = (file: string): boolean => file.startsWith('/assets/')

/** The page's files are loaded by the starting script, which knows of those of every page too (APP-40, APP-41). */
export function startPage(): Plugin {
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
        this.emitFile({ type: 'asset', fileName, source: readFileSync(path.join(FOLDER, fileName)) })
    },
  }
}
