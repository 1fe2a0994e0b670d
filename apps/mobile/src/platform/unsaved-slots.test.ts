import { describe, expect, it } from 'vitest'

import { flushInputs, inputKeeper } from '../data/unsaved-input.ts'
import { chooseSlot, slotKey, slotsOf, slotText } from './unsaved-slots.ts'

const FORM = 'unsaved-note-dev_scout_1-obs_1'

const stored = (rows: Record<string, string>) => slotsOf(FORM, Object.keys(rows), Object.values(rows))

describe('slots of unsaved input', () => {
  it('[APP-3] a tab goes on with its own, whatever others wrote later', () => {
    const slots = stored({
      [slotKey(FORM, 'a')]: slotText('of a', 10),
      [slotKey(FORM, 'b')]: slotText('of b', 20),
    })
    expect(chooseSlot(slots, 'a', new Set())?.text).toBe('of a')
    expect(chooseSlot(slots, 'b', new Set(['a']))?.text).toBe('of b')
  })

  it('[APP-3] what a tab left behind is offered, the newest first; an open one keeps its own', () => {
    const slots = stored({
      [slotKey(FORM, 'gone')]: slotText('older', 10),
      [slotKey(FORM, 'gone too')]: slotText('newer', 20),
      [slotKey(FORM, 'open')]: slotText('being typed', 30),
    })
    expect(chooseSlot(slots, 'mine', new Set(['open']))?.text).toBe('newer')
    expect(chooseSlot(slots, 'mine', new Set(['open', 'gone', 'gone too']))).toBeUndefined()
  })

  it('[APP-3] takes over the one slot that apps before had, and nothing that is no slot of the form', () => {
    expect(chooseSlot(stored({ [FORM]: 'as it was' }), 'mine', new Set())).toMatchObject({
      key: FORM,
      text: 'as it was',
    })
    expect(stored({ [FORM]: '', [`${FORM}0#a`]: slotText('of another', 1), [`${FORM}#b`]: '{' })).toEqual([])
  })
})

describe('keeping input', () => {
  it('[APP-2] what waits for its moment is kept when the app goes away', async () => {
    const remaining: string[] = []
    const keeper = inputKeeper(
      { keep: async (key, text) => void remaining.push(`${key}: ${text}`) },
      'form',
      () => {},
    )
    const close = keeper.open()
    keeper.keep('half a')
    keeper.keep('half a sentence')
    expect(remaining).toEqual([])
    await flushInputs()
    expect(remaining).toEqual(['form: half a sentence'])
    keeper.keep('more')
    close()
    expect(remaining).toEqual(['form: half a sentence', 'form: more'])
  })

  it('[APP-4] tells why it is not kept, until it is', async () => {
    const received: (string | null)[] = []
    let isBroken = true
    const keep = () => (isBroken ? Promise.reject(new Error('no room')) : Promise.resolve())
    const keeper = inputKeeper({ keep }, 'form', (failure) => received.push(failure))
    expect(await keeper.saveNow('text')).toBe(false)
    isBroken = false
    expect(await keeper.saveNow('text')).toBe(true)
    expect(received).toEqual(['no room', null])
  })
})
