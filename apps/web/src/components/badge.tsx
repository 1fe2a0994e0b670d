import type { Tone } from '@fieldsync/design'
import type { ReactNode } from 'react'

/** A word with the color of what it says. */
export const Badge = ({ tone, children }: { tone: Tone; children: ReactNode }) => (
  <span className={`badge ${tone}`}>{children}</span>
)
