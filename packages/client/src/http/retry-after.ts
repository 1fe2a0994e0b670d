/**
 * `Retry-After` in milliseconds from now (RFC 9110, 10.2.3): seconds, or a date. A date is compared with the server's
 * own `Date`, since a device's clock may be wrong; undefined for what is neither.
 *
 * @param now the device's clock, for an answer without `Date`
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const text = headers.get('retry-after')?.trim()
  if (!text) return undefined
  if (/^\d+$/.test(text)) return Number(text) * 1000
  const at = httpDate(text)
  if (at === undefined) return undefined
  return Math.max(0, at - (httpDate(headers.get('date') ?? '') ?? now))
}

// Date.parse alone accepts many texts that are not HTTP dates, such as a bare number.
function httpDate(text: string): number | undefined {
  const at = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}
