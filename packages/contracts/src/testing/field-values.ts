/** Values at the bounds of a field, which must pass, and just beyond, which must not. */
export type FieldValues = { readonly accepted: readonly unknown[]; readonly refused: readonly unknown[] }

const NOT_TEXT = [null, true, 7, [], {}] as const
const NOT_NUMBERS = [null, true, '7', [], {}, Number.NaN, Infinity, -Infinity] as const
const UNSTORABLE = ['a\0b', '\0', 'lone \ud83c', '\udf47 lone', '\udf47\ud83c'] as const

/** Text of `min` to `max` characters; one outside the Basic Multilingual Plane is one character. */
export const text = (min: number, max: number): FieldValues => ({
  accepted: ['x'.repeat(min), 'x'.repeat(max), '🍇'.repeat(max), 'für ‘Ruländer’ \u0001 \u202e 葡萄'],
  refused: [...NOT_TEXT, ...UNSTORABLE, ...(min > 0 ? [''] : []), 'x'.repeat(max + 1), '🍇'.repeat(max + 1)],
})

/** Text that matches a pattern: the listed values pass; other types and unstorable text never do. */
export const patterned = (accepted: readonly string[], refused: readonly string[]): FieldValues => ({
  accepted,
  refused: [
    ...NOT_TEXT,
    ...UNSTORABLE,
    '',
    ...refused,
    ...accepted.flatMap((value) => [`${value}\n`, ` ${value}`]),
  ],
})

/** An id of `prefix` and lower-case letters, digits or underscores, 128 characters at most. */
export const named = (prefix: string): FieldValues =>
  patterned(
    [`${prefix}a`, `${prefix}0_z`, prefix.padEnd(128, 'a')],
    [
      prefix,
      prefix.padEnd(129, 'a'),
      `${prefix}A`,
      `${prefix}a-b`,
      `${prefix}ä`,
      `x${prefix}a`,
      prefix.toUpperCase() + 'a',
    ],
  )

const ULID = '01KH7XQ4TNE5GZ3V8W2M6RYB9C'

/** A record id: four digits as old apps mint them, or a ULID. */
export const minted = (prefix: string): FieldValues => {
  const day = `${prefix}20260211_`
  return patterned(
    [`${day}0000`, `${day}9999`, day + ULID, `${day}7ZZZZZZZZZZZZZZZZZZZZZZZZZ`],
    [
      day,
      `${day}123`,
      `${day}12345`,
      `${prefix}2026021_0001`,
      `${prefix}202602110_0001`,
      `${prefix}20260211-0001`,
      day + ULID.toLowerCase(),
      day + ULID.slice(1),
      `${day}${ULID}0`,
      `${day}8${ULID.slice(1)}`,
      ...['I', 'L', 'O', 'U'].map((letter) => `${day}${ULID.slice(0, -1)}${letter}`),
      `x${day}0001`,
      `${day.toUpperCase()}0001`,
      `${day}٠٠٠١`,
    ],
  )
}

/** A number from `min` to `max`, both included. */
export const number = (min: number, max: number): FieldValues => ({
  accepted: [min, max, (min + max) / 2 + 0.25],
  refused: [...NOT_NUMBERS, min - 1e-6, max + 1e-6, 1e308, -1e308],
})

/** A whole number from `min` to `max`, both included. */
export const whole = (min: number, max: number = Number.MAX_SAFE_INTEGER): FieldValues => ({
  accepted: [min, max],
  refused: [...NOT_NUMBERS, min - 1, max + 1, min + 0.5, 1e308],
})

export const oneOf = (...values: readonly string[]): FieldValues => ({
  accepted: values,
  refused: [...NOT_TEXT, '', 'no_such_value', ...values.flatMap(otherSpellings)],
})

const otherSpellings = (value: string): string[] =>
  [value.toUpperCase(), `${value} `, `${value}\0`].filter((spelling) => spelling !== value)

export const flag: FieldValues = { accepted: [true, false], refused: [null, 0, 1, 'true', [], {}] }

export const instant: FieldValues = {
  accepted: ['2026-02-11T18:00:00Z', '2024-02-29t23:59:59.123456789012-08:00'],
  refused: [
    ...NOT_TEXT,
    '',
    '2026-02-11',
    '2026-02-11T18:00:00',
    '2026-02-29T18:00:00Z',
    '2026-02-11T18:00:00Z\0',
  ],
}

/** An array of `min` to 200 items. */
export const list = (min: number, item: unknown): FieldValues => ({
  accepted: [new Array(min).fill(item), new Array(200).fill(item)],
  refused: [null, true, 7, 'x', {}, new Array(201).fill(item), ...(min > 0 ? [[]] : [])],
})

/** A field that may also be null. */
export const orNull = ({ accepted, refused }: FieldValues): FieldValues => ({
  accepted: [...accepted, null],
  refused: refused.filter((value) => value !== null),
})

/** One exact value that is not text. */
export const only = (value: true): FieldValues => ({
  accepted: [value],
  refused: [null, false, 1, 'true', [], {}],
})
