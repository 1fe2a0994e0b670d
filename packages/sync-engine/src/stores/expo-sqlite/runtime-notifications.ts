import type { SqlNotices } from '../sql/sql-connection.ts'

type Room = Set<() => void>

// By database. An app is one process with one JavaScript runtime, so all who can have it open are in here.
const rooms = new Map<string, Room>()

/** Notices between the stores of one JavaScript runtime. */
export function runtimeNotices(database: string): SqlNotices {
  return {
    announce: () => {
      for (const listener of rooms.get(database) ?? []) listener()
    },
    subscribe: (listener) => {
      const room = rooms.get(database) ?? new Set()
      rooms.set(database, room.add(listener))
      return () => void room.delete(listener)
    },
  }
}
