import { createContext, type RefObject } from 'react'
import type { ScrollView, View } from 'react-native'

/** A field of a form, as the platform has it: a native view, or an element of the page. */
export type Focusable = Pick<View, 'measureLayout'> & { readonly focus?: () => void }

/** The column that a screen scrolls in, and what is in it. */
type Scroll = {
  readonly column: RefObject<ScrollView | null>
  readonly content: RefObject<View | null>
}
export const ScrollContext = createContext<Scroll | null>(null)

const ABOVE = 48

/**
 * Brings something on the screen into sight.
 *
 * @param scroll of {@link ScrollContext}; a browser scrolls by itself
 */
export function show(node: Focusable | null, scroll: Scroll | null): void {
  if (node === null) return
  if ('scrollIntoView' in node && typeof node.scrollIntoView === 'function') {
    node.scrollIntoView({ block: 'center' })
    return
  }
  const content = scroll?.content.current
  if (!content) return
  node.measureLayout(content, (_x, y) => scroll?.column.current?.scrollTo({ y: Math.max(0, y - ABOVE) }))
}

/** Moves the focus of a browser's page into a part of it that has just been shown, unless a field there has taken it. */
export function enter(part: unknown): void {
  if (typeof document === 'undefined' || !(part instanceof HTMLElement)) return
  if (!part.contains(document.activeElement)) part.focus({ preventScroll: true })
}

/** As {@link show}, and moves the focus there. */
export function reveal(node: Focusable | null, scroll: Scroll | null): void {
  node?.focus?.()
  show(node, scroll)
}
