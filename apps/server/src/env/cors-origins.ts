import { z } from 'zod'

/**
 * The origins whose pages may call this server from another address: a comma list. `*` is refused, since a guessed
 * token could then be tried from any page that is open in a browser.
 */
export const corsOrigins = z.string().transform((text, context): readonly string[] => {
  const origins = text.split(',').map((part) => part.trim())
  for (const origin of origins) {
    const problem = problemOf(origin)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    if (problem !== undefined) return z.NEVER
  }
  return [...new Set(origins)]
})

function problemOf(text: string): string | undefined {
  if (text === '*' || text === 'null') {
    return `must name each origin; ${text} would allow pages of any origin`
  }
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return 'must be a comma list of origins such as https://app.example.com'
  }
  if (url.hostname.includes('*')) return 'must name each origin; wildcards are not supported'
  // Browsers send exactly this form; any other would never match.
  return url.origin === text ? undefined : `must be written the way browsers send it: ${url.origin}`
}
