import type { ReactNode } from 'react'

/** Where there is nothing: that it is so, and what brings something here. */
export function Empty({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="empty">
      <strong>{title}</strong>
      <p>{children}</p>
    </div>
  )
}
