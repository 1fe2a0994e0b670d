const HIDDEN = '[hidden]'

const NAME = '(?:x-device-token|password|token|client_secret|secret|pepper)'

// Credentials by where they appear. In a line of JSON, which may quote another JSON text, a match ends with the string
// that it is in: the line stays valid JSON. Lengths are bounded, so that no text takes long.
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@"\\]{0,100}:)(?:\\.|[^\s"\\@]){1,100}(@)/gi, `$1${HIDDEN}$2`],
  [/\b(bearer\s+)[\w.~+/=-]+/gi, `$1${HIDDEN}`],
  [/\b(basic\s+)[A-Za-z0-9+/]{16,4000}={0,2}/gi, `$1${HIDDEN}`],
  [new RegExp(String.raw`\b(${NAME}\s*[:=]\s*(?:\\?["'])?)(?:\\[^"'\s]|[^\s"',;&\\])+`, 'gi'), `$1${HIDDEN}`],
  [new RegExp(String.raw`\b(${NAME}\\?["']\s*[:=]\s*\[?\\?["'])(?:\\[^"']|[^"'\\])+`, 'gi'), `$1${HIDDEN}`],
]

/**
 * Creates a function that redacts secrets in text, such as an error message or a line of the log: the given ones
 * anywhere, and whatever looks like a credential. A secret shorter than 8 characters would redact ordinary words.
 */
export function createScrubber(secrets: readonly string[]): (text: string) => string {
  const known = [...new Set(secrets.flatMap(formsOf))]
    .filter((secret) => secret.length >= 8)
    .sort((one, other) => other.length - one.length)
  return (text) => {
    let clean = text
    for (const secret of known) if (clean.includes(secret)) clean = clean.replaceAll(secret, HIDDEN)
    for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement)
    return clean
  }
}

/** A secret as it is, in an address, and in JSON, also in JSON that a JSON string quotes. */
function formsOf(secret: string): string[] {
  const inJson = (text: string) => JSON.stringify(text).slice(1, -1)
  return [secret, encodeURIComponent(secret), inJson(secret), inJson(inJson(secret))]
}
