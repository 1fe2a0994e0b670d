import { Pairing } from './pairing.ts'

/** Cursors of two servers that stand for the same positions, in the same order. */
export class CursorPairing {
  readonly #names = new Pairing()
  readonly #order = new Map<string, { one: number; other: number }[]>()

  /** Notes that both were answered to the same call. @returns what is wrong with that, if something is */
  pair(workspace: string, one: string, other: string): string | undefined {
    if (!this.#names.pair(one, other)) return 'one cursor stands for two positions'
    const position = { one: numberIn(one), other: numberIn(other) }
    const known = this.#order.get(workspace) ?? []
    const inOrder = known.every(
      (each) => Math.sign(each.one - position.one) === Math.sign(each.other - position.other),
    )
    this.#order.set(workspace, [...known, position])
    return inOrder ? undefined : 'the cursors are not in the same order'
  }

  /** After a restore, positions are given out a second time. */
  forgetOrder(): void {
    this.#order.clear()
  }
}

/** The position that a cursor of the model, or of the real server, names. */
const numberIn = (cursor: string): number => Number(/^(?:model \S+ |cur1_)(\d+)/.exec(cursor)?.[1])
