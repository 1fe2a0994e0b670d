import type { Observation } from '@fieldsync/contracts'

// Letters that Unicode does not decompose into a letter and a mark.
const WITHOUT_MARK: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
}
/**
 * A text as searches compare it: without accents, case and Unicode form, so that `Oídio`, `oi\u0301dio` and `OIDIO` are
 * one. A text in which only case can differ comes back in lower case.
 */
export const foldText = (text: string): string =>
  isAscii(text)
    ? text.toLowerCase()
    : text
        .normalize('NFKD')
        .replace(/\p{M}/gu, '')
        .toLowerCase()
        .replace(/[^\0-\x7f]/g, (letter) => WITHOUT_MARK[letter] ?? letter)

/**
 * What is stored for searches in an observation (OPS-28): its note and the name of its block, folded. Empty where both
 * are ASCII: the record's own text in lower case is the same then.
 */
export function searchTextOf({ rawNoteText, extraction: { fieldBlock } }: Searched): string {
  const text = `${rawNoteText}\n${fieldBlock}`
  return isAscii(text) ? '' : foldText(text)
}

type Searched = Pick<Observation, 'rawNoteText'> & {
  extraction: Pick<Observation['extraction'], 'fieldBlock'>
}

const isAscii = (text: string): boolean => !/[^\0-\x7f]/.test(text)
