/**
 * The program of a Chromium on this machine, which the test run found.
 * @throws when there is none, saying how to get one
 */
export function chromiumPath(): string {
  const found = process.env['CHROMIUM_PATH'] ?? ''
  if (found !== '') return found
  throw new Error(
    'there is no Chromium here: install it (apt-get install chromium) or name one in CHROMIUM_PATH',
  )
}
