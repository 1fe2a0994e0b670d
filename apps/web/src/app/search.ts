/** One member of an address's search: a text, however it was parsed; left out where there is none. */
export function text<N extends string>(name: N, raw: Record<string, unknown>): { [K in N]?: string } {
  const value = raw[name]
  const found = typeof value === 'number' ? String(value) : value
  return (typeof found === 'string' && found !== '' ? { [name]: found } : {}) as { [K in N]?: string }
}

/** The same for one of some words; another is as none. */
export function choice<N extends string, V extends string>(
  name: N,
  allowed: readonly V[],
  raw: Record<string, unknown>,
): { [K in N]?: V } {
  const found = allowed.find((each) => each === raw[name])
  return (found === undefined ? {} : { [name]: found }) as { [K in N]?: V }
}
