const SCRIPT = /[ \t]*<script\b([^>]*)\bsrc="([^"]+)"([^>]*)><\/script>\n?/
const PRELOAD = /[ \t]*<link rel="modulepreload"[^>]*\bhref="([^"]+)"[^>]*>\n?/g
const STYLE = /[ \t]*<link rel="stylesheet"[^>]*\bhref="([^"]+)"[^>]*>\n?/g
const ROOT = '<div id="root"></div>'

/** The text shown when not even the start script loads. */
const STARTING = `<div id="root">
      <div class="starting">
        <p>Fieldsync</p>
        <p class="late" lang="en">If nothing else appears, a new version is probably being installed. <a href="">Reload</a></p>
        <p class="late" lang="es">Si no aparece nada más, es probable que se esté instalando una versión nueva. <a href="">Recargar</a></p>
      </div>
    </div>`

/**
 * A built page whose script and style sheets are loaded by `start.js`, which requests missing files again (APP-40).
 *
 * @param base where the app is served: '' for the root, else such as `/app`
 * @param isHashed whether a file's name changes with its content; the others exist in every build
 * @param later files that the app loads later
 * @throws Error for a page that has no script or no `#root`
 */
export function startPage(
  html: string,
  {
    base,
    isHashed,
    later = [],
  }: { base: string; isHashed: (file: string) => boolean; later?: readonly string[] },
): string {
  const script = SCRIPT.exec(html)
  const [element = '', before = '', entry, after = ''] = script ?? []
  if (entry === undefined || !html.includes(ROOT)) throw new Error('a page without a script or #root')
  const type = /\btype="module"/.test(before + after) ? 'module' : ''
  const preloads = [...html.matchAll(PRELOAD)].map(([, file = '']) => file)
  const styles = [...html.matchAll(STYLE)].map(([, file = '']) => file).filter(isHashed)
  const lists = { script: [entry], styles, files: preloads, later }
  const data = Object.entries(lists).map(([name, files]) => ` data-${name}="${files.join(' ')}"`)
  return html
    .replace(element, '')
    .replaceAll(PRELOAD, '')
    .replaceAll(STYLE, (link: string, file: string) => (isHashed(file) ? '' : link))
    .replace('</head>', `  <link rel="stylesheet" href="${base}/start.css" />\n  </head>`)
    .replace(ROOT, STARTING)
    .replace(
      '</body>',
      `  <script src="${base}/start.js" data-type="${type}"${data.join('')}></script>\n  </body>`,
    )
}
