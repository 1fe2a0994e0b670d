import { describe, expect, it } from 'vitest'

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
