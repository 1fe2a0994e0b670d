import { describe, expect, it } from 'vitest'

import { foldText, searchTextOf } from './search-text.ts'

describe('searched text', () => {
  it.each([
    ['Oídio', 'oidio'],
    ['OI\u0301DIO', 'oidio'],
    ['Viñedo Ñuñoa', 'vinedo nunoa'],
    ['Großer Hang', 'grosser hang'],
    ['ŁĄKA Æble Øst', 'laka aeble ost'],
    ['İstanbul ısı', 'istanbul isi'],
    ['ßæœøłđðþ', 'ssaeoeolddth'],
    ['ﬁnca Ｂlock №４', 'finca block no4'],
    ['plain text, 50% _', 'plain text, 50% _'],
    ['', ''],
  ])('[OPS-28] %j is folded to %j', (text, folded) => {
    expect(foldText(text)).toBe(folded)
    // Folded text stays unchanged, and all Unicode forms of a text are the same to a search.
    expect(foldText(folded)).toBe(folded)
    for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD']) expect(foldText(text.normalize(form))).toBe(folded)
  })

  it('[OPS-28] of an observation is its note and block, and nothing where case is all that can differ', () => {
    const record = (rawNoteText: string, fieldBlock: string) => ({ rawNoteText, extraction: { fieldBlock } })
    expect(searchTextOf(record('White Powder', 'Block 7'))).toBe('')
    expect(searchTextOf(record('White Powder', 'Bloque Ñ'))).toBe('white powder\nbloque n')
    expect(searchTextOf(record('Oídio', 'Block 7'))).toBe('oidio\nblock 7')
  })
})
