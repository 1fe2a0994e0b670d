import type { WriteStream } from 'node:tty'

import type { SeasonProgress } from './play-season.ts'

const TENTH = 10

/** Shows the progress of a season: one line that is replaced on a terminal, else a line for each tenth. */
export function seasonProgress(stream: WriteStream | NodeJS.WriteStream): {
  show(progress: SeasonProgress): void
  end(): void
} {
  let tenths = 0
  return {
    show: ({ done, of, at, observations, conflicts }) => {
      const percent = Math.floor((done / of) * 100)
      const text = `  Demo season: ${percent} %, ${at.toISOString().slice(0, 10)}, ${observations} observations, ${conflicts} conflicts`
      if (stream.isTTY) stream.write(`\r\u001b[K${text}`)
      else if (Math.floor(percent / TENTH) > tenths) {
        tenths = Math.floor(percent / TENTH)
        stream.write(`${text}\n`)
      }
    },
    end: () => {
      if (stream.isTTY) stream.write('\r\u001b[K')
    },
  }
}
