/**
 * How readable one color is on another: 1 (not at all) to 21, as WCAG 2.2 defines its contrast ratio. AA requires 4.5
 * and AAA 7 for text, and 3 for borders and icons.
 *
 * @throws RangeError for a value that is not `#RRGGBB`
 */
export function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(color: string): number {
  const digits = /^#([\dA-Fa-f]{2})([\dA-Fa-f]{2})([\dA-Fa-f]{2})$/.exec(color)
  if (digits === null) throw new RangeError(`not a color: ${color}`)
  const [red = 0, green = 0, blue = 0] = digits
    .slice(1)
    .map((pair) => linear(Number.parseInt(pair, 16) / 255))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** A channel of sRGB as linear light. */
const linear = (channel: number): number =>
  channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
