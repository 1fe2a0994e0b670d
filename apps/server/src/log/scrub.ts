const HIDDEN = '[hidden]'

// Credentials by the places they appear in: URLs, headers, and JSON or query fields named after a secret.
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@]+(@)/gi, `$1${HIDDEN}$2`],
  [/\b(bearer\s+)[\w.~+/=-]+/gi, `$1${HIDDEN}`],
  [/\b(x-device-token["']?\s*[:=]\s*["']?)[^\s"',;]+/gi, `$1${HIDDEN}`],
  [/\b((?:password|token|secret|pepper)["']?\s*[:=]\s*["']?)[^\s"',;&]+/gi, `$1${HIDDEN}`],
]

/**
 * Makes a function that takes secrets out of free text such as the message of an error: the given ones wherever they
 * stand, and whatever looks like a credential. Shorter than 8 characters, a secret would hide ordinary words.
 */
export function createScrubber(secrets: readonly string[]): (text: string) => string {
  const known = [...new Set(secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]))]
    .filter((secret) => secret.length >= 8)
    .sort((one, other) => other.length - one.length)
  return (text) => {
    let clean = text
    for (const secret of known) if (clean.includes(secret)) clean = clean.replaceAll(secret, HIDDEN)
    for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement)
    return clean
  }
}
