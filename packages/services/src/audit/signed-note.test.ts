import { hash } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { NoteSigner, verifyNote } from './signed-note.ts'

const signer = new NoteSigner(Buffer.alloc(32, 1))
const other = new NoteSigner(Buffer.alloc(32, 2))
const TEXT = 'fieldsync/audit/ws_ridge/wsu_1\n42\nabc\n'
const note = signer.sign(TEXT)
const unsigned = { ok: false, reason: 'unsigned' }
const malformed = { ok: false, reason: 'malformed' }

// An example of the format's own specification: written by somebody else's code.
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const PETERS_NOTE =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'

/** A line of a verifier key, with the id that the format gives it. */
function keyLine(key: Buffer): string {
  const id = hash('sha256', Buffer.concat([Buffer.from('somebody\n'), key]), 'buffer').subarray(0, 4)
  return `somebody+${id.toString('hex')}+${key.toString('base64')}`
}

describe('[AUD-12] a signed note', () => {
  it('is verified by the public key of its signer', () => {
    expect(note).toMatch(/^fieldsync[^\n]+\n42\nabc\n\n— fieldsync-audit [A-Za-z0-9+/=]+\n$/)
    expect(verifyNote(note, [other.verifierKey, signer.verifierKey])).toEqual({ ok: true, text: TEXT })
    expect(new NoteSigner(Buffer.alloc(32, 1)).sign(TEXT)).toBe(note)
  })

  it('of other software is verified too', () => {
    expect(verifyNote(PETERS_NOTE, [PETER])).toMatchObject({ ok: true })
    expect(verifyNote(PETERS_NOTE.replace('cryptography', 'steganography'), [PETER])).toEqual(unsigned)
  })

  it('is not verified by another key, nor with another text or signature', () => {
    expect(verifyNote(note, [other.verifierKey])).toEqual(unsigned)
    expect(verifyNote(note, [])).toEqual(unsigned)
    expect(verifyNote(note.replace('42', '43'), [signer.verifierKey])).toEqual(unsigned)
    const [, signature = ''] = other.sign(TEXT).split('\n\n')
    const [, own = ''] = note.split('\n\n')
    const forged = `${TEXT}\n${own.slice(0, 30)}${signature.slice(30)}`
    expect(verifyNote(forged, [signer.verifierKey])).toEqual(unsigned)
  })

  it('is not verified by a key under another name', () => {
    expect(verifyNote(note.replace('— fieldsync-audit ', '— somebody '), [signer.verifierKey])).toEqual(
      unsigned,
    )
  })

  it('has a text of any length', () => {
    expect(verifyNote(signer.sign('a\n'), [signer.verifierKey])).toEqual({ ok: true, text: 'a\n' })
  })

  it('may have further signatures by keys that are not known', () => {
    const [, further = ''] = other.sign(TEXT).split('\n\n')
    for (const both of [`${note}${further}`, `${TEXT}\n${further}${note.split('\n\n')[1]}`])
      expect(verifyNote(both, [signer.verifierKey])).toEqual({ ok: true, text: TEXT })
  })

  it.each([30, 31, 32])('may have further signatures of other kinds, as one of %i bytes', (bytes) => {
    const further = `— elsewhere ${Buffer.alloc(bytes, 7).toString('base64')}\n`
    expect(verifyNote(`${note}${further}`, [signer.verifierKey])).toEqual({ ok: true, text: TEXT })
  })

  it.each([
    '',
    TEXT,
    `${TEXT}\n`,
    note.trimEnd(),
    `${note}x\n`,
    note.replace('— ', '- '),
    note.replace('— ', 'x— '),
    `${note.trimEnd()} x\n`,
    // The signature alone, without a text before it.
    `x${note.split('\n\n')[1]}`,
  ])('is not %j', (text) => {
    expect(verifyNote(text, [signer.verifierKey])).toEqual(malformed)
  })

  it.each([
    '',
    'x',
    PETER.replace('c74f20a3', 'c74f20a4'),
    PETER.replace('+AR', '+BR'),
    `${PETER}AAAA`,
    ` ${PETER}`,
    `${PETER} x`,
    // The id is right, but not the algorithm, or the length of the key.
    keyLine(Buffer.concat([Buffer.from([2]), Buffer.alloc(32, 7)])),
    keyLine(Buffer.concat([Buffer.from([1]), Buffer.alloc(31, 7)])),
    keyLine(Buffer.concat([Buffer.from([1]), Buffer.alloc(33, 7)])),
  ])('is never compared with “%s”, which is no key', (key) => {
    expect(() => verifyNote(note, [key])).toThrow(`“${key}” is not the verifier key of an Ed25519 key`)
  })

  it('is by the same key in every build: what an earlier one has signed is verified by a later one', () => {
    expect(signer.verifierKey).toBe('fieldsync-audit+3c369ac3+AZCjLqqRUxly5ugRZH7467XIGEH6Svf8d6Fa/gxiNE+u')
  })
})
